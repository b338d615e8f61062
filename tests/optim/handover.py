"""A training that begins in PyTorch and goes on in xdl: what PyTorch's schedules and optimizers save, as JSON.

python -m tests.optim.handover
"""

import json
from pathlib import Path

import numpy as np

from tests.optim.schedules import SCHEDULES, optimizer_of, schedules_of, settings_of

FILE = Path(__file__).with_name("handover.json")
FIRST, THEN = 6, 6  # steps before and after
FIRSTS = {case.id.partition(" ")[0]: case for case in reversed(SCHEDULES)}  # the first case of each class


def begun(F, case):
    """PyTorch's states after the first steps, and the settings (THEN, 4) of the steps that follow."""
    optimizer = optimizer_of(F, case)
    schedule = case.make(schedules_of(F), optimizer)
    for epoch in range(FIRST):
        optimizer.step()
        case.step(schedule, epoch)
    state = {"schedule": schedule.state_dict(), "groups": optimizer.state_dict()["param_groups"]}
    state = json.loads(json.dumps(state))
    rest = []
    for epoch in range(FIRST, FIRST + THEN):
        optimizer.step()
        case.step(schedule, epoch)
        rest.append(settings_of(optimizer))
    return {**state, "rest": rest}


def gone_on(F, case, state):
    """The settings (THEN, 4) of xdl, from PyTorch's states."""
    optimizer = optimizer_of(F, case)
    schedule = case.make(schedules_of(F), optimizer)
    optimizer.load_state_dict({"state": {}, "param_groups": state["groups"]})
    schedule.load_state_dict(state["schedule"])
    rest = []
    for epoch in range(FIRST, FIRST + THEN):
        optimizer.step()
        case.step(schedule, epoch)
        rest.append(settings_of(optimizer))
    return np.array(rest)


def read():
    """The committed states, by the class of the schedule."""
    return json.loads(FILE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    from tests.functional.namespaces import Torch

    made = {name: begun(Torch(), case) for name, case in FIRSTS.items()}
    lines = [f"{json.dumps(name)}: {json.dumps(state, separators=(',', ':'))}" for name, state in made.items()]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
