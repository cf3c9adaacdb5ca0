"""The load generator, a process of its own: many connections, one loop, nothing but sockets.

``main`` reads a pickled Job from standard input and writes a pickled Done to standard output. It must not be what is
measured, so it knows no more of HTTP than it needs, and imports nothing of Django.
"""

import pickle
import selectors
import socket
import sys
import time
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Job:
    """What to send.

    Attributes:
        requests: whole HTTP requests; taken in order, once each, or ``again`` from the beginning.
        seconds: no request begins later than this; those under way are finished.
        connections: how many at once; each is kept open if the server keeps it open.
        rate: requests a second by the clock, whether or not earlier ones are answered; 0: as fast as they are answered.
    """

    address: tuple[str, int]
    requests: list[bytes]
    seconds: float
    connections: int = 16
    again: bool = False
    rate: float = 0.0


@dataclass
class Done:
    """What came back.

    Attributes:
        seconds: from the first request to the last answer.
        statuses: how often each status came.
        latencies: seconds, in the order of the answers.
        sent_at: for each request, in their order, the time of day at which it was (with a rate: was to be) sent.
        odd: the beginning of one answer of each status, for whoever wonders.
    """

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    sent_at: "array[float]" = field(default_factory=lambda: array("d"))
    odd: dict[int, bytes] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.count / self.seconds

    def percentile(self, percent: float) -> float:
        """The latency in seconds that so many percent of the answers did not exceed."""
        return percentile(self.latencies, percent)


def percentile(values: Iterable[float], percent: float) -> float:
    """The value that so many percent of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Line:
    """One connection, with at most one request under way."""

    def __init__(self, address: tuple[str, int], selector: selectors.BaseSelector) -> None:
        self.address = address
        self.selector = selector
        self.socket: socket.socket | None = None
        self.began = 0.0
        self.left = memoryview(b"")
        self.got = bytearray()
        self.whole = 0
        self.closes = self.stuck = self.busy = self.fresh = False
        self.request = b""

    def ask(self, request: bytes, began: float) -> None:
        self.request, self.began, self.busy = request, began, True
        self._begin()

    def _begin(self) -> None:
        self.left, self.whole, self.fresh = memoryview(self.request), 0, self.socket is None
        self.got.clear()
        if self.socket is None:
            self.socket = socket.socket()  # not create_connection: it looks the name up, each time
            self.socket.connect(self.address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.setblocking(False)
            self.selector.register(self.socket, selectors.EVENT_READ, self)
        self.write()

    def write(self) -> None:
        assert self.socket is not None
        while self.left:
            try:
                self.left = self.left[self.socket.send(self.left) :]
            except BlockingIOError:
                if not self.stuck:
                    self.stuck = True
                    self.selector.modify(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)
                return
            except (BrokenPipeError, ConnectionResetError):
                self._hung_up()
                return
        if self.stuck:
            self.stuck = False
            self.selector.modify(self.socket, selectors.EVENT_READ, self)

    def read(self) -> bool:
        """Take what has come; say whether the answer is whole."""
        assert self.socket is not None
        try:
            some = self.socket.recv(262144)
        except BlockingIOError:
            return False
        except ConnectionResetError:
            some = b""
        if not some:
            return self._hung_up()
        self.got += some
        if not self.whole:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.got[: end + 2]).lower()
            at = head.find(b"\r\ncontent-length:")
            if at < 0:
                return False  # its end is the end of the connection
            self.whole = end + 4 + int(head[at + 17 : head.index(b"\r\n", at + 17)])
            self.closes = b"\r\nconnection: close" in head
        if len(self.got) < self.whole:
            return False
        if self.closes:
            self.close()
        self.busy = False
        return True

    def _hung_up(self) -> bool:
        """The server has closed the connection; say whether that is the end of an answer."""
        self.close()
        if not self.busy:
            return False  # it was idle for too long
        if not self.got and not self.fresh:
            self._begin()  # ... and our request crossed its goodbye: every client asks once more
            return False
        if not self.got or self.whole:
            raise SystemExit(f"the server hung up on {self.request[:80]!r} after {bytes(self.got[:300])!r}")
        self.busy = False
        return True

    def close(self) -> None:
        if self.socket is not None:
            self.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None
            self.stuck = False


def run(job: Job) -> Done:
    done = Done()
    selector = selectors.DefaultSelector()
    idle = [Line(job.address, selector) for _ in range(job.connections)]
    under_way = 0
    sent = 0
    clock = time.perf_counter
    start, day = clock(), time.time() - clock()
    limit = float("inf") if job.again else len(job.requests)
    while True:
        now = clock()
        open_until = now - start < job.seconds and sent < limit
        due = (now - start) * job.rate if job.rate else limit
        while open_until and idle and sent < limit and sent <= due:
            began = start + sent / job.rate if job.rate else clock()
            done.sent_at.append(day + began)
            idle.pop().ask(job.requests[sent % len(job.requests)], began)
            sent += 1
            under_way += 1
        if not under_way and not open_until:
            break
        wait = max(0.0, start + sent / job.rate - clock()) if job.rate and open_until and idle else 10.0
        for key, mask in selector.select(wait):
            line: Line = key.data
            if mask & selectors.EVENT_WRITE:
                line.write()
            if mask & selectors.EVENT_READ and line.socket is not None and line.read():
                done.latencies.append(clock() - line.began)
                status = int(line.got[9:12])
                done.statuses[status] = done.statuses.get(status, 0) + 1
                if status not in done.odd:
                    done.odd[status] = bytes(line.got[:2000])
                under_way -= 1
                idle.append(line)
    done.seconds = clock() - start
    for line in idle:
        line.close()
    return done


def main() -> None:
    sys.stdout.buffer.write(pickle.dumps(run(pickle.load(sys.stdin.buffer))))  # noqa: S301  # from who started us
