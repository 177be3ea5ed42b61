#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""usage: send-nmis.py SOCKET CONSOLE

Once the guest says on its console that it is ready, tell QEMU, whose monitor listens at
SOCKET, to take interrupts between any two instructions, and ask it for NMIs, one after
the other and at odd times, until it is gone.
"""

import random
import socket
import sys
import time

if len(sys.argv) != 3:
    sys.exit(__doc__)


def ready():
    try:
        with open(sys.argv[2], 'rb') as console:
            return b'kworkerx-nmi: ready' in console.read()
    except OSError:
        return False


# Whoever started this one ends it, if that does not come.
while not ready():
    time.sleep(0.2)
monitor = socket.socket(socket.AF_UNIX)
monitor.connect(sys.argv[1])
def ask(command):
    """Return once it has answered."""
    monitor.sendall(command + b'\n')
    answer = b''
    while b'(qemu) ' not in answer:
        part = monitor.recv(4096)
        if not part:
            sys.exit()
        answer += part


try:
    # The one or the other, by the version.
    ask(b'singlestep on')
    ask(b'one-insn-per-tb on')
    while True:
        ask(b'nmi')
        time.sleep(random.random() / 50)
except OSError:
    pass
