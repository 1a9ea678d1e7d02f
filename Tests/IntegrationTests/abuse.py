#!/usr/bin/env python3
"""abuse.py PORT PID   sends an agent on this machine what no client should, and measures what that does to it

In turn: heads that never end, idle connections (10,000, or as many as can be opened in 30 s), bodies of a gigabyte, headers
and URIs without end, a thousand streams of which some are never read, and different queries without end, whose filters take
long. Meanwhile another process asks for /healthz every 20 ms, and, to see what the machine alone delays, a server that does
nothing. The last line is the result, as JSON; before it, a line for each attack.
"""
import http.client
import json
import multiprocessing
import resource
import select
import socket
import sys
import time

PORT, PID = int(sys.argv[1]), int(sys.argv[2])
HOST = b"Host: localhost\r\n"


def connect():
    connection = socket.create_connection(("127.0.0.1", PORT), timeout=5)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def get(path, port=PORT):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def serve(listener):
    while True:
        connection, _ = listener.accept()
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        connection.close()


def probe(times, control, failures, control_port, stop):
    """A process of its own: the threads that attack would delay it."""
    while not stop.is_set():
        begin = time.perf_counter()
        for port, list_of_times in [(PORT, times), (control_port, control)]:
            start = time.perf_counter()
            try:
                if get("/healthz", port)[0] != 200:
                    failures.value += 1
            except OSError:
                failures.value += 1
            list_of_times.append(time.perf_counter() - start)
        time.sleep(max(0, 0.02 - (time.perf_counter() - begin)))


def milliseconds(times, share):
    return round(times[min(int(len(times) * share), len(times) - 1)] * 1e3, 1)


def resident():
    with open(f"/proc/{PID}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def send_for(connection, piece, seconds, limit):
    """Sends until the agent ends it; the bytes that were sent."""
    sent, end = 0, time.monotonic() + seconds
    try:
        while time.monotonic() < end and sent < limit:
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent


def slow_heads():
    connections = []
    for _ in range(500):
        connection = connect()
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: loc")
        connections.append(connection)
    for _ in range(30):
        for connection in connections:
            try:
                connection.send(b"a", socket.MSG_DONTWAIT)
            except OSError:
                pass
        time.sleep(0.1)
    for connection in connections:
        connection.close()


def idle_connections():
    """Opens them; how many, and how many the agent has not closed half a second later."""
    connections, end = [], time.monotonic() + 30
    while len(connections) < IDLE and time.monotonic() < end:
        connections.append(connect())
    time.sleep(0.5)
    still_open = 0
    for connection in connections:
        try:
            connection.setblocking(False)
            connection.recv(1)
        except BlockingIOError:
            still_open += 1
        except OSError:
            pass
        connection.close()
    return {"connections": len(connections), "open": still_open}


def large_bodies():
    for head in [b"Content-Length: 1073741824", b"Transfer-Encoding: chunked"]:
        for method in [b"GET", b"POST"]:
            connection = connect()
            connection.sendall(method + b" /metrics HTTP/1.1\r\n" + HOST + head + b"\r\n\r\n")
            data = b"x" * 65536
            piece = b"10000\r\n" + data + b"\r\n" if b"chunked" in head else data
            send_for(connection, piece, 5, 1 << 30)
            connection.close()


def bombs():
    for start in [b"GET /", b"GET / HTTP/1.1\r\nX: ", b"GET /?filter="]:
        connection = connect()
        connection.sendall(start)
        send_for(connection, b"a" * 65536, 3, 64 << 20)
        connection.close()
    connection = connect()
    connection.sendall(b"GET / HTTP/1.1\r\n")
    send_for(connection, b"".join(b"X-%d: y\r\n" % i for i in range(1000)), 3, 64 << 20)
    connection.close()


def streams():
    """Opens them, reads nine of ten for some seconds; messages that those got, and how many were refused."""
    connections, refused = [], 0
    for number in range(STREAMS):
        connection = connect()
        query = b"?limit=5&fields=id" if number % 2 else b""
        connection.sendall(b"GET /api/v1/stream" + query + b" HTTP/1.1\r\n" + HOST + b"\r\n")
        connections.append(connection)
    read = connections[: STREAMS * 9 // 10]
    events = [0] * len(read)
    end = time.monotonic() + 6
    for connection in read:
        connection.setblocking(False)
    while time.monotonic() < end:
        for index, connection in enumerate(read):
            try:
                data = connection.recv(1 << 20)
                events[index] += data.count(b"\nid: ")
                refused += data.startswith(b"HTTP/1.1 503")
            except OSError:
                pass
        time.sleep(0.05)
    memory = resident()
    for connection in connections:
        connection.close()
    # Those that read nothing free their place with the next tick.
    time.sleep(2)
    return {"leastEvents": min(events), "refused": refused, "residentKiB": memory}


def scrape(taken, failed, stop):
    """A process of its own that reads /metrics."""
    while not stop.is_set():
        start = time.perf_counter()
        try:
            if get("/metrics")[0] != 200:
                failed.value += 1
        except OSError:
            failed.value += 1
        taken.append(time.perf_counter() - start)
        time.sleep(0.05)


def hostile_query(number):
    """A different one for each number, that looks at every path again and again."""
    conditions = "".join(f"cgroup!~{'/' * (2 + place)}," for place in range(15))
    return f"filter={conditions}name!~{number}&sort=name".encode()


def queries():
    """Clients that never ask the same twice, and one stream more for each of forty different ones."""
    statuses, number, end = {}, 0, time.monotonic() + 8
    taken, failed, stop = manager.list(), manager.Value("i", 0), manager.Event()
    scraper = multiprocessing.Process(target=scrape, args=(taken, failed, stop))
    scraper.start()
    streams = [connect() for _ in range(40)]
    for place, connection in enumerate(streams):
        connection.sendall(b"GET /api/v1/stream?limit=%d HTTP/1.1\r\n" % (place + 1) + HOST + b"\r\n")
    stream_heads = [connection.recv(4096)[:12] for connection in streams]
    clients = {}
    while time.monotonic() < end:
        while len(clients) < 48:
            connection = connect()
            clients[connection] = None
        for connection, sent in list(clients.items()):
            if sent is None:
                number += 1
                query = hostile_query(number)
                try:
                    connection.sendall(b"GET /api/v1/workloads?" + query + b" HTTP/1.1\r\n" + HOST
                                       + b"Connection: close\r\n\r\n")
                    clients[connection] = b""
                except OSError:
                    del clients[connection]
        for connection in select.select(list(clients), [], [], 0.1)[0]:
            try:
                data = connection.recv(1 << 16)
            except OSError:
                data = b""
            if data:
                clients[connection] = (clients[connection] + data)[:12]
                continue
            status = clients.pop(connection)[9:12].decode()
            statuses[status] = statuses.get(status, 0) + 1
            connection.close()
    stop.set()
    scraper.join()
    memory = resident()
    for connection in streams + list(clients):
        connection.close()
    return {
        "statuses": statuses, "streamsRefused": sum(head == b"HTTP/1.1 503" for head in stream_heads),
        "scrapes": len(taken), "scrapesFailed": failed.value,
        "scrapeP99Milliseconds": milliseconds(sorted(taken), 0.99), "residentKiB": memory}


def run(name, attack, result):
    before = json.loads(get("/api/v1/snapshot")[1])
    first, control_first, start = len(times), len(control), time.monotonic()
    value = attack()
    after = json.loads(get("/api/v1/snapshot")[1])
    seconds = time.monotonic() - start
    taken, alone = sorted(list(times)[first:]), sorted(list(control)[control_first:])
    result[name] = {
        "seconds": round(seconds, 2),
        "ticks": after["sequence"] - before["sequence"],
        "lateTicks": after["agent"]["lateTicks"] - before["agent"]["lateTicks"],
        "tickMilliseconds": round(after["agent"]["tickSeconds"] * 1e3, 2),
        "probes": len(taken),
        "p99Milliseconds": milliseconds(taken, 0.99),
        "worstMilliseconds": milliseconds(taken, 1),
        "controlMilliseconds": milliseconds(alone, 0.99),
        "residentKiB": resident(),
    } | (value or {})
    print(name, json.dumps(result[name]), flush=True)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # As many as this process may have.
    IDLE, STREAMS = min(10_000, hard - 100), min(1000, hard - 100)
    manager = multiprocessing.Manager()
    times, control, failures, stop = manager.list(), manager.list(), manager.Value("i", 0), manager.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    server = multiprocessing.Process(target=serve, args=(listener,), daemon=True)
    server.start()
    prober = multiprocessing.Process(
        target=probe, args=(times, control, failures, listener.getsockname()[1], stop))
    prober.start()
    result, before = {}, resident()
    for name, attack in [
        ("rest", lambda: time.sleep(2)), ("slowHeads", slow_heads), ("idle", idle_connections), ("bodies", large_bodies),
        ("bombs", bombs), ("streaming", streams),
        ("queries", queries), ("after", lambda: time.sleep(2)),
    ]:
        run(name, attack, result)
    stop.set()
    prober.join()
    server.terminate()
    print(json.dumps({
        "residentKiB": before, "streams": STREAMS, "failures": failures.value, "attacks": result,
        "faults": json.loads(get("/api/v1/snapshot")[1])["agent"]["faults"]}))
