"""Runs a command on a terminal of so many columns, and prints what is shown and ends as it does.

terminal.py COLUMNS TEXT COMMAND...: Ctrl-C is pressed once TEXT is shown; never, if TEXT is empty. With KEYS in the
environment these are pressed instead. One that a signal ends is reported as shells do.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

columns, text, command = int(sys.argv[1]), sys.argv[2].encode(), sys.argv[3:]
keys = os.environ.get("KEYS", "\x03").encode()
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(command[0], command)
shown = b""
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if text and text in shown:
        text = b""
        os.write(terminal, keys)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(shown.decode().replace("\r\n", "\n"), end="")
sys.exit(code if code >= 0 else 128 - code)
