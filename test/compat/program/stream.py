"""stream.py URL TICKET PACKAGE: the same by a client of PyPI."""
import json, sys

url, ticket, package = sys.argv[1:]
url = f"{url}?tail=10000&ticket={ticket}"
if package == "sseclient-py":
    import requests, sseclient
    events = [event.event for event in sseclient.SSEClient(requests.get(url, stream=True)).events()]
else:
    import httpx
    from httpx_sse import connect_sse
    with httpx.Client(timeout=60) as client, connect_sse(client, "GET", url) as source:
        events = [event.event for event in source.iter_sse()]
print(json.dumps({"entries": events.count("log"), "done": events.count("done")}))
