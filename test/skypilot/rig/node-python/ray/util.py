"""Placement groups of one machine: always ready."""


class _Ready:
    def result(self):
        return None


class PlacementGroup:
    def __init__(self, bundles):
        self.bundle_count = len(bundles)

    def ready(self):
        return _Ready()


class scheduling_strategies:  # a module in ray
    class PlacementGroupSchedulingStrategy:
        def __init__(self, **_):
            pass


def placement_group(bundles, strategy='PACK'):
    del strategy
    return PlacementGroup(bundles)


def remove_placement_group(group):
    del group


def get_node_ip_address():
    return '127.0.0.1'
