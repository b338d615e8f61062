"""Trainings to capture: each gives (step, modules or lists of tensors, optimizers), and the makers of its inputs."""

import numpy as np

import xdl
from xdl import nn, optim
from xdl.nn import functional


def numbers(*shape):
    return lambda draw: xdl.tensor(draw.standard_normal(shape).astype("float32"))


def labels(*shape):
    return lambda draw: xdl.tensor(draw.integers(0, 10, shape))


def adam(parameters):
    return optim.Adam(parameters, lr=1e-2)


def supervised(make, optimizer=adam, clip=None):
    def build():
        model = make()
        update = optimizer(model.parameters())

        def step(x, t):
            update.zero_grad()
            loss = functional.cross_entropy(model(x), t)
            loss.backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            update.step()
            return loss

        return step, [model], [update]

    return build


def mlp():
    return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 10))


def lenet():
    first = nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.GELU(), nn.MaxPool2d(2)
    return nn.Sequential(*first, nn.Flatten(), nn.Linear(400, 84), nn.ReLU(), nn.Linear(84, 10))


def normalized():
    first = nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1)
    return nn.Sequential(
        *first, nn.BatchNorm2d(32), nn.LeakyReLU(0.1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)
    )


class Sequence(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cells, self.head = kind(8, 16, batch_first=True), nn.Linear(16, 10)

    def forward(self, x):
        return self.head(self.cells(x)[0][:, -1])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(10, 16), nn.Linear(16, 10)
        self.layer = nn.TransformerEncoderLayer(16, 4, 32, dropout=0.1, batch_first=True)

    def forward(self, x):
        return self.head(self.layer(self.embedding(x)).mean(1))


def variational():
    encoder = nn.Sequential(nn.Linear(20, 16), nn.Tanh(), nn.Linear(16, 8))
    decoder = nn.Sequential(nn.Linear(4, 16), nn.GELU(), nn.Linear(16, 20))
    update = adam([*encoder.parameters(), *decoder.parameters()])

    def step(x):
        update.zero_grad()
        mu, log_var = encoder(x).chunk(2, 1)
        z = mu + xdl.exp(0.5 * log_var) * xdl.randn_like(mu)
        rebuilt = functional.binary_cross_entropy_with_logits(decoder(z), x.sigmoid())
        kl = -0.5 * (1 + log_var - mu**2 - log_var.exp()).sum(1).mean()
        (rebuilt + kl).backward()
        update.step()
        return {"loss": rebuilt + kl, "parts": (rebuilt, [kl]), "nothing": None}

    return step, [encoder, decoder], [update]


def adversarial():
    generator = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))
    critic = nn.Sequential(nn.Linear(2, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    first, second = adam(critic.parameters()), adam(generator.parameters())
    loss = functional.binary_cross_entropy_with_logits

    def step(x):
        n = len(x)
        fake = generator(xdl.randn(n, 2))
        first.zero_grad()
        of_critic = loss(critic(x), xdl.ones(n, 1)) + loss(critic(fake.detach()), xdl.zeros(n, 1))
        of_critic.backward()
        first.step()
        second.zero_grad()
        of_generator = loss(critic(fake), xdl.ones(n, 1))
        of_generator.backward()
        second.step()
        return of_critic, of_generator

    return step, [generator, critic], [first, second]


def by_hand():
    w, b = xdl.randn(5, 3, requires_grad=True), xdl.zeros(3, requires_grad=True)

    def step(x, y):
        w.grad = b.grad = None
        loss = ((x @ w + b - y) ** 2).mean() + 0.01 * (w * w).sum()
        loss.backward()
        with xdl.no_grad():
            w.sub_(0.1 * w.grad)
            b.data -= 0.1 * b.grad
        return loss

    return step, [[w, b]], []


def penalized():
    critic = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
    update = adam(critic.parameters())

    def step(x):
        update.zero_grad()
        x = x.clone().requires_grad_()
        y = critic(x)
        (slope,) = xdl.grad(y.sum(), [x], create_graph=True)
        loss = ((slope.pow(2).sum(1).sqrt() - 1) ** 2).mean() - y.mean()
        loss.backward()
        update.step()
        return loss

    return step, [critic], [update]


def accumulated():
    model = mlp()
    update = adam(model.parameters())

    def step(x, t):
        update.zero_grad()
        for half in (slice(4), slice(4, 8)):
            (functional.cross_entropy(model(x[half]), t[half]) / 2).backward()
        update.step()

    return step, [model], [update]


def averaged():
    step, (model,), optimizers = supervised(mlp)()
    means = [p.detach().clone() for p in model.parameters()]

    def step_and_average(x, t):
        loss = step(x, t)
        with xdl.no_grad():
            for mean, p in zip(means, model.parameters(), strict=True):
                mean.mul_(0.9).add_(p, alpha=0.1)
        return loss

    return step_and_average, [model, means], optimizers


ROWS = numbers(8, 20), labels(8)
STEPS = {
    "dropout": (supervised(mlp), ROWS),
    "clipped": (supervised(mlp, lambda p: optim.SGD(p, lr=0.1, momentum=0.9), clip=0.1), ROWS),
    **{
        name: (supervised(mlp, getattr(optim, name)), ROWS)
        for name in ("SGD", "AdamW", "NAdam", "RAdam", "Adamax", "RMSprop", "Adagrad", "Adadelta", "Adafactor", "ASGD")
    },
    "float64": (
        supervised(lambda: mlp().double()),
        [lambda draw: xdl.tensor(draw.standard_normal((8, 20))), labels(8)],
    ),
    "lenet": (supervised(lenet), [numbers(4, 1, 28, 28), labels(4)]),
    "batch norm": (supervised(normalized), [numbers(4, 3, 16, 16), labels(4)]),
    "LSTM": (supervised(lambda: Sequence(nn.LSTM)), [numbers(4, 7, 8), labels(4)]),
    "GRU": (supervised(lambda: Sequence(nn.GRU)), [numbers(4, 7, 8), labels(4)]),
    "RNN": (supervised(lambda: Sequence(nn.RNN)), [numbers(4, 7, 8), labels(4)]),
    "transformer": (supervised(Attention), [labels(4, 6), labels(4)]),
    "variational": (variational, [numbers(8, 20)]),
    "adversarial": (adversarial, [numbers(8, 2)]),
    "by hand": (by_hand, [numbers(8, 5), numbers(8, 3)]),
    "second order": (penalized, [numbers(8, 2)]),
    "accumulated": (accumulated, ROWS),
    "averaged": (averaged, ROWS),
}


def inputs(makers, seed):
    draw = np.random.default_rng(seed)
    return [make(draw) for make in makers]


def tensors(found):
    """All Tensors in the outputs of a step."""
    if found is None or isinstance(found, xdl.Tensor):
        return [] if found is None else [found]
    return [t for part in (found.values() if isinstance(found, dict) else found) for t in tensors(part)]


def state(parts):
    """The values of all parameters and buffers, and the gradients."""
    found = []
    for part in parts:
        parameters = part if isinstance(part, list) else [*part.parameters(), *part.buffers()]
        found += [(t.numpy().copy(), None if t.grad is None else t.grad.numpy().copy()) for t in parameters]
    return found
