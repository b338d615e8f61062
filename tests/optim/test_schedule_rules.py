"""What schedules promise beside their values: going on, closed forms, groups, and what is refused."""

import pytest

import xdl
from xdl import optim
from xdl.errors import CheckpointError, SettingError
from xdl.optim import lr_scheduler as S


def optimizer(groups=1, name="SGD", **settings):
    made = [{"params": [xdl.zeros(1, requires_grad=True)]} for _ in range(groups)]
    return getattr(optim, name)(made, lr=0.4, **settings)


CLOSED = {
    "StepLR": lambda o: S.StepLR(o, 3, 0.5),
    "MultiStepLR": lambda o: S.MultiStepLR(o, [2, 5, 5], 0.5),
    "ExponentialLR": lambda o: S.ExponentialLR(o, 0.9),
    "ConstantLR": lambda o: S.ConstantLR(o, 0.25, 4),
    "LinearLR": lambda o: S.LinearLR(o, 0.25, 0.75, 6),
    "PolynomialLR": lambda o: S.PolynomialLR(o, 7, 2.0),
    "CosineAnnealingLR": lambda o: S.CosineAnnealingLR(o, 9, 0.1),
    "CosineAnnealingWarmRestarts": lambda o: S.CosineAnnealingWarmRestarts(o, 2, 2),
    "LambdaLR": lambda o: S.LambdaLR(o, lambda e: 1 / (e + 1)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_the_closed_form_is_where_the_steps_lead(name):
    by_steps, jumping = CLOSED[name](optimizer()), CLOSED[name](optimizer())
    for epoch in range(1, 9):
        by_steps.step()
        jumping.step(epoch)
        assert jumping.get_last_lr() == pytest.approx(by_steps.get_last_lr(), rel=1e-12)
        assert jumping.last_epoch == by_steps.last_epoch == epoch


def test_several_schedules_act_together():
    made = optimizer()
    both = [S.ExponentialLR(made, 0.5), S.StepLR(made, 2, 0.1)]
    rates = []
    for _ in range(4):
        for schedule in both:
            schedule.step()
        rates.append(made.param_groups[0]["lr"])
    assert rates == pytest.approx([0.2, 0.01, 0.005, 0.00025])


def test_one_goes_on_after_an_epoch_in_groups_that_have_their_initial_rate():
    made = optimizer()
    with pytest.raises(SettingError, match="initial_lr"):
        S.StepLR(made, 3, last_epoch=5)
    made.param_groups[0].update(initial_lr=0.4, lr=0.04)
    schedule = S.StepLR(made, 4, last_epoch=5)
    schedule.step()
    schedule.step()
    assert (schedule.last_epoch, made.param_groups[0]["lr"]) == (8, pytest.approx(0.004))


def test_a_schedule_of_ones_own():
    class Halving(S.LRScheduler):
        def following(self, lr):
            return lr if self._is_initial else lr / 2

    made = optimizer(2)
    schedule = Halving(made)
    schedule.step()
    assert schedule.get_last_lr() == [0.2, 0.2]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda o: S.StepLR(o, 0), "step_size"),
        (lambda o: S.ConstantLR(o, 1.5), "factor"),
        (lambda o: S.LinearLR(o, 0.0), "start_factor"),
        (lambda o: S.LinearLR(o, 0.5, 2.0), "end_factor"),
        (lambda o: S.LambdaLR(o, [abs, abs]), "one for each of 1 groups"),
        (lambda o: S.CosineAnnealingWarmRestarts(o, 0), "T_0"),
        (lambda o: S.CosineAnnealingWarmRestarts(o, 2, 1.5), "T_mult"),
        (lambda o: S.CosineAnnealingWarmRestarts(o, 2).step(-1), "at least 0"),
        (lambda o: S.CyclicLR(o, 0.1, 0.2, mode="triangle"), "Did you mean 'triangular"),
        (lambda o: S.CyclicLR(o, [0.1, 0.2], 0.2), "base_lr"),
        (lambda o: S.OneCycleLR(o, 0.1), "total_steps"),
        (lambda o: S.OneCycleLR(o, 0.1, epochs=3), "total_steps"),
        (lambda o: S.OneCycleLR(o, 0.1, 10, pct_start=2.0), "pct_start"),
        (lambda o: S.OneCycleLR(o, 0.1, 10, anneal_strategy="cosine"), "Did you mean 'cos'"),
        (lambda o: S.ReduceLROnPlateau(o, "minimum"), "Did you mean 'min'"),
        (lambda o: S.ReduceLROnPlateau(o, threshold_mode="relative"), "threshold_mode"),
        (lambda o: S.ReduceLROnPlateau(o, factor=1.0), "factor"),
        (lambda o: S.SequentialLR(o, [S.StepLR(o, 1)], [3]), "milestones"),
        (lambda o: S.SequentialLR(o, [S.StepLR(o, 1), S.StepLR(optimizer(), 1)], [3]), "the same optimizer"),
        (lambda o: S.ChainedScheduler([S.ReduceLROnPlateau(o)]), "step\\(metrics\\)"),
        (lambda _: S.ChainedScheduler([]), "at least one"),
    ],
)
def test_what_is_refused(make, message):
    with pytest.raises(SettingError, match=message):
        make(optimizer())


def test_cycling_needs_a_momentum():
    with pytest.raises(SettingError, match="momentum or betas"):
        S.OneCycleLR(optimizer(name="Adagrad"), 0.1, 10)
    S.OneCycleLR(optimizer(name="Adagrad"), 0.1, 10, cycle_momentum=False)


def test_a_cycle_ends():
    schedule = S.OneCycleLR(optimizer(), 0.1, 3)
    for _ in range(3):
        schedule.step()
    with pytest.raises(SettingError, match="at most total_steps = 3"):
        schedule.step()


def test_groups_come_before_the_schedule():
    made = optimizer()
    schedule, plateau = S.ExponentialLR(made, 0.9), S.ReduceLROnPlateau(made)
    made.add_param_group({"params": [xdl.zeros(2, requires_grad=True)]})
    with pytest.raises(SettingError, match="after the last add_param_group"):
        schedule.step()
    with pytest.raises(SettingError, match="after the last add_param_group"):
        plateau.step(1.0)


def test_a_state_of_another_schedule_changes_nothing():
    made = optimizer()
    several = S.SequentialLR(made, [S.StepLR(made, 1), S.ExponentialLR(made, 0.5)], [2])
    state = several.state_dict()
    state["_schedulers"][1] = S.StepLR(optimizer(), 1).state_dict()
    before = repr(several.state_dict())
    with pytest.raises(CheckpointError, match="step_size is unexpected"):
        several.load_state_dict(state)
    with pytest.raises(CheckpointError, match="a list of 0 in place of 2"):
        several.load_state_dict({**state, "_schedulers": []})
    with pytest.raises(CheckpointError, match="last_epoch is str in place of a number; _last_lr is a number in place"):
        several.load_state_dict({**several.state_dict(), "last_epoch": "3", "_last_lr": 0.1})
    assert repr(several.state_dict()) == before
