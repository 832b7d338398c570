import type { NotificationRule } from '@launchlog/sdk';
import { DELIVERY_STATUSES } from '@launchlog/shared/notification';
import { useUrl } from '../../router/url-store.js';
import { Button } from '../../ui/button.js';
import { Choice } from '../../ui/choice.js';
import type { DeliveryView } from './delivery-view.js';

interface DeliveryFiltersProps {
  readonly view: DeliveryView;
  readonly rules: readonly NotificationRule[];
  readonly onReload: () => void;
}

/** What the deliveries are narrowed to, as parts of the URL. */
export function DeliveryFilters({ view, rules, onReload }: DeliveryFiltersProps) {
  const url = useUrl();
  const names = ruleNames(rules, view.ruleId);
  return (
    <>
      <h2>Deliveries</h2>
      <div className="filters" role="search" aria-label="Filter the deliveries">
        <Choice
          label="Rule of deliveries"
          value={view.ruleId}
          values={Object.keys(names)}
          labels={names}
          all="All rules"
          onChange={(ruleId) => url.patchSearch({ rule: ruleId ?? '' })}
        />
        <Choice
          label="Status of deliveries"
          value={view.status}
          values={DELIVERY_STATUSES}
          all="All statuses"
          onChange={(status) => url.patchSearch({ status: status ?? '' })}
        />
        <input
          type="search"
          aria-label="Node of deliveries"
          placeholder="Node (id)"
          value={view.nodeId}
          maxLength={64}
          onChange={(event) => url.patchSearch({ node: event.target.value })}
        />
        <span className="spacer" />
        <Button icon="retry" onClick={onReload}>
          Read again
        </Button>
      </div>
    </>
  );
}

/** The rules by their ids. One that was removed has only its id. */
function ruleNames(
  rules: readonly NotificationRule[],
  chosen: string | undefined,
): Readonly<Record<string, string>> {
  const names = Object.fromEntries(rules.map(({ id, name }) => [id, name]));
  return chosen === undefined ? names : { [chosen]: `Rule ${chosen.slice(0, 8)}`, ...names };
}
