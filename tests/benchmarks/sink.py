"""A mail server that takes everything and keeps nothing, a process of its own: `python -m tests.benchmarks.sink PORT`.

It speaks as much SMTP as smtplib needs, and one word more: XCOUNT says how many messages it has taken.
"""

import socket
import sys
import threading

taken = 0
counting = threading.Lock()
ANSWERS = {
    b"EHLO": b"250-sink\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


def serve(line: socket.socket) -> None:
    global taken
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sendall(b"220 sink\r\n")
    waiting = bytearray()
    ending, in_data = b"\r\n", False
    while some := line.recv(65536):
        waiting += some
        while (at := waiting.find(ending)) >= 0:
            said = bytes(waiting[:at])
            del waiting[: at + len(ending)]
            verb = said[:4].upper()
            if in_data:
                with counting:
                    taken += 1
                ending, in_data = b"\r\n", False
                line.sendall(b"250 taken\r\n")
                continue
            if verb == b"XCOU":
                line.sendall(b"250 %d\r\n" % taken)
                continue
            line.sendall(ANSWERS.get(verb, b"250 ok\r\n"))
            if verb == b"DATA":
                ending, in_data = b"\r\n.\r\n", True
            if verb == b"QUIT":
                line.close()
                return
    line.close()


def main(port: int) -> None:
    with socket.create_server(("127.0.0.1", port), backlog=100) as door:
        print("ready", flush=True)
        while True:
            line, _ = door.accept()
            threading.Thread(target=serve, args=[line], daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]))
