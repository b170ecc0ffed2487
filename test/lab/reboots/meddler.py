"""meddler.py REBOOTS: on a host, meddles with the order of its next reboot as a bad network would.

Next: when the executor's journal has more than REBOOTS of them. Cuts every SSH session of zdms, so that the reply is lost, and hands the
very same request in again, twice. Prints a line for each: what was cut, and the replies. On the host itself: only there it is in time.
"""
import json
import os
import pwd
import signal
import subprocess
import sys
import time

STATE = "/var/lib/zdms/executor/"
POLL_S = 0.002
DEADLINE_S = 600


def reboots():
    try:
        return sorted(name for name in os.listdir(STATE + "steps") if ".reboot." in name and name.endswith(".json"))
    except FileNotFoundError:
        return []


def cut(user):
    ended = 0
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.stat("/proc/" + name).st_uid == user:
                with open("/proc/%s/comm" % name, encoding="ascii") as file:
                    if file.read().strip() == "sshd":
                        os.kill(int(name), signal.SIGKILL)
                        ended += 1
        except (FileNotFoundError, ProcessLookupError):
            pass
    return ended


def session():
    """An executor that waits for a request already: to start one takes longer than a host takes to go down."""
    return subprocess.Popen(["zdms-agent", "exec"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


user = pwd.getpwnam("zdms").pw_uid
before = set(reboots())
if len(before) != int(sys.argv[1]):
    sys.exit("%d reboots are in the journal already" % len(before))
sessions = [session(), session()]
deadline = time.time() + DEADLINE_S
while not set(reboots()) - before:
    if time.time() > deadline:
        sys.exit("no reboot was ordered")
    time.sleep(POLL_S)
ended = cut(user)
with open(STATE + "steps/" + (set(reboots()) - before).pop(), encoding="utf8") as file:
    step = json.load(file)
with open(STATE + "orders/" + step["orderHash"] + ".json", encoding="utf8") as file:
    order = json.load(file)
line = json.dumps({"id": "again", "order": order, "request": step["request"]}) + "\n"
print("cut", ended, flush=True)
for one in sessions:
    one.stdin.write(line)
    one.stdin.flush()
with open("/root/last-reboot-order", "w", encoding="utf8") as file:
    file.write(line)
    file.flush()
    os.fsync(file.fileno())
for one in sessions:
    print("again", one.stdout.readline().strip(), flush=True)
