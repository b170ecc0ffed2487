"""What a client that is not ours (OpenStack's sushy) makes of a Redfish service: one word says what to do, the answer is JSON.

Usage: sushy-client.py URL USER PASSWORD (power | reset | inventory | update IMAGE-URL)
"""
import json
import sys

import sushy
import urllib3
from sushy import auth, taskmonitor

urllib3.disable_warnings()
url, user, password, verb, *rest = sys.argv[1:]
root = sushy.Sushy(url, auth=auth.BasicAuth(user, password), verify=False)


def inventory():
    members = root.get_update_service().firmware_inventory.get_members()
    return {item.identity: item.version for item in members}


def update(image_url):
    begun = root.get_update_service().simple_update(image_url)
    # The monitor that the answer pointed to, which answers 202 as long as the task runs. Not by root.get_task_monitor: that wants
    # message registries which Debian's package lacks.
    monitor = taskmonitor.TaskMonitor(begun._connector, begun.response.headers["Location"])
    monitor.wait(20)
    task = begun.get_task()
    return {"state": task.task_state.value, "percent": task.percent_complete, "inventory": inventory()}


def power():
    return root.get_system().power_state.value


def reset():
    system = root.get_system()
    system.reset_system(sushy.ResetType.POWER_CYCLE)
    return sorted(each.value for each in system.get_allowed_reset_system_values())


verbs = {"power": power, "reset": reset, "inventory": inventory, "update": update}
print(json.dumps(verbs[verb](*rest)))
