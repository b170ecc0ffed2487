"""cutter.py OFFSET ROLLOUTS: on a host, ends every SSH session of zdms OFFSET seconds after the apply of its next rollout began.

Next: when the executor's journal has the apply of more than ROLLOUTS of them. Prints one line: how many processes it ended, and when
(UTC ms). On the host itself, since an order from elsewhere would arrive at any time but the right one.
"""
import os
import pwd
import signal
import sys
import time

STEPS = "/var/lib/zdms/executor/steps"
POLL_S = 0.01
DEADLINE_S = 300


def applies():
    try:
        return sum(1 for name in os.listdir(STEPS) if ".apply." in name and name.endswith(".json"))
    except FileNotFoundError:
        return 0


def sessions(user):
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.stat("/proc/" + name).st_uid == user:
                with open("/proc/%s/comm" % name, encoding="ascii") as file:
                    if file.read().strip() == "sshd":
                        yield int(name)
        except FileNotFoundError:
            pass


offset, before = float(sys.argv[1]), int(sys.argv[2])
deadline = time.time() + DEADLINE_S
while applies() <= before:
    if time.time() > deadline:
        sys.exit("no apply began")
    time.sleep(POLL_S)
time.sleep(offset)
ended = 0
for pid in sessions(pwd.getpwnam("zdms").pw_uid):
    os.kill(pid, signal.SIGKILL)
    ended += 1
print(ended, int(time.time() * 1000))
