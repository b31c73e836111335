"""Runs a command in a network of its own, where every address is this machine, and reports what it asked for.

    python tests/isolated/watch.py REPORT COMMAND...

Linux only, with `unshare` (util-linux) and `ip` (iproute2); root or user namespaces are needed. A resolver of our own
answers every name with ELSEWHERE and writes the name down; every packet to an address that is not loopback is written
down too. REPORT is JSON: {"code": exit code, "lookups": [names], "connections": ["protocol address:port"]}.
"""

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from ipaddress import ip_address
from pathlib import Path

ELSEWHERE = "203.0.113.7"  # RFC 5737: for documentation, nobody's
RESOLVER = "127.0.0.1"
ALL_PROTOCOLS = 0x0003
PROTOCOLS = {6: "tcp", 17: "udp"}
SETTLE = 0.5  # seconds after the command's end, for packets still on their way


class Seen:
    """What was looked up and connected to, each once, in order."""

    def __init__(self) -> None:
        self.lookups: dict[str, None] = {}
        self.connections: dict[str, None] = {}

    def resolve(self) -> None:
        """Answer every name, and write it down."""
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind((RESOLVER, 53))
        while True:
            query, peer = server.recvfrom(4096)
            name, kind, question = _question(query)
            self.lookups[name] = None
            answer = b"" if kind != 1 else b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(ELSEWHERE)
            server.sendto(query[:2] + struct.pack(">HHHHH", 0x8180, 1, bool(answer), 0, 0) + question + answer, peer)

    def sniff(self, ready: threading.Event) -> None:
        """Write down where packets go, loopback left out."""
        wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ALL_PROTOCOLS))
        ready.set()
        while True:
            packet, (_, _, direction, *_) = wire.recvfrom(65536)
            if direction == socket.PACKET_OUTGOING and (target := _target(packet)):
                self.connections[target] = None


def _question(query: bytes) -> tuple[str, int, bytes]:
    """The name and type that a DNS query asks for, and the bytes of its question."""
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode(errors="replace"))
        at += 1 + length
    return ".".join(labels), struct.unpack(">H", query[at + 1 : at + 3])[0], query[12 : at + 5]


def _target(packet: bytes) -> str | None:
    """Protocol, address and port that an IP packet is for; None for loopback, and for replies to loopback."""
    if packet[0] >> 4 == 4:
        protocol, source, target, body = packet[9], packet[12:16], packet[16:20], packet[4 * (packet[0] & 15) :]
    elif packet[0] >> 4 == 6:
        protocol, source, target, body = packet[6], packet[8:24], packet[24:40], packet[40:]
    else:
        return None
    here, there = ip_address(source), ip_address(target)
    if protocol not in PROTOCOLS or there.is_loopback or (there == here and _is_reply(protocol, body)):
        return None
    return f"{PROTOCOLS[protocol]} {there}:{struct.unpack('>H', body[2:4])[0]}"


def _is_reply(protocol: int, body: bytes) -> bool:
    """Whether it is a refusal: every address being this machine, it answers itself."""
    return protocol == 6 and bool(body[13] & 0x04)


def main(report: str, command: list[str]) -> None:
    """Set the network up, run the command, write the report.

    Must run inside `unshare`, as `test_nothing_leaves.py` does.
    """
    for words in ("link set lo up", "route add local default dev lo", "-6 route add local default dev lo"):
        subprocess.run(["ip", *words.split()], check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as resolver:
        resolver.write(f"nameserver {RESOLVER}\noptions timeout:1 attempts:1\n")
        resolver.flush()
        subprocess.run(["mount", "--bind", resolver.name, os.path.realpath("/etc/resolv.conf")], check=True)
        seen, ready = Seen(), threading.Event()
        threading.Thread(target=seen.resolve, daemon=True).start()
        threading.Thread(target=seen.sniff, args=(ready,), daemon=True).start()
        ready.wait()
        code = subprocess.run(command).returncode
        time.sleep(SETTLE)
    found = {"code": code, "lookups": list(seen.lookups), "connections": list(seen.connections)}
    Path(report).write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
