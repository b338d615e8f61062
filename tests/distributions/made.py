"""Distributions of every class, written against a namespace D that is xdl.distributions or torch.distributions."""

import numpy as np

random = np.random.RandomState(0)
LOC, SCALE = random.standard_normal((2, 3)), random.uniform(0.5, 2.0, (2, 3))
PROBS, LOGITS = random.uniform(0.1, 0.9, (2, 3)), random.standard_normal((2, 3))
ROOT = random.standard_normal((2, 3, 3))
COVARIANCE = ROOT @ ROOT.transpose(0, 2, 1) + np.eye(3)
TRIANGLE = np.linalg.cholesky(COVARIANCE)


def transformed(D, t, *transforms):
    return D.TransformedDistribution(D.Normal(*t), list(transforms))


# name -> (maker(D, *tensors), parameters)
MADE = {
    "Normal": (lambda D, *t: D.Normal(*t), (LOC, SCALE)),
    "Normal of a number": (lambda D, *t: D.Normal(t[0], 2.5), (LOC,)),
    "Normal that broadcasts": (lambda D, *t: D.Normal(*t), (LOC, SCALE[0])),
    "Uniform": (lambda D, *t: D.Uniform(t[0], t[0] + t[1]), (LOC, SCALE)),
    "Exponential": (lambda D, *t: D.Exponential(*t), (SCALE,)),
    "Laplace": (lambda D, *t: D.Laplace(*t), (LOC, SCALE)),
    "LogNormal": (lambda D, *t: D.LogNormal(*t), (LOC, SCALE * 0.3)),
    "Bernoulli": (lambda D, *t: D.Bernoulli(*t), (PROBS,)),
    "Bernoulli of logits": (lambda D, *t: D.Bernoulli(logits=t[0]), (LOGITS,)),
    "Categorical": (lambda D, *t: D.Categorical(*t), (PROBS,)),
    "Categorical of logits": (lambda D, *t: D.Categorical(logits=t[0]), (LOGITS,)),
    "MultivariateNormal": (lambda D, *t: D.MultivariateNormal(t[0], (t[1] + t[1].mT) * 0.5), (LOC, COVARIANCE)),
    "MultivariateNormal by its inverse": (
        lambda D, *t: D.MultivariateNormal(t[0], precision_matrix=(t[1] + t[1].mT) * 0.5), (LOC, COVARIANCE)),
    "MultivariateNormal by L": (
        lambda D, *t: D.MultivariateNormal(t[0], scale_tril=t[1].tril()), (LOC[0], TRIANGLE)),
    "Independent": (lambda D, *t: D.Independent(D.Normal(*t), 1), (LOC, SCALE)),
    "Independent of none": (lambda D, *t: D.Independent(D.Bernoulli(*t), 0), (PROBS,)),
    "TransformedDistribution by tanh": (lambda D, *t: transformed(D, t, D.TanhTransform()), (LOC, SCALE)),
    "TransformedDistribution by sigmoid": (lambda D, *t: transformed(D, t, D.SigmoidTransform()), (LOC, SCALE)),
    "TransformedDistribution by two": (
        lambda D, *t: transformed(D, t, D.AffineTransform(1.0, -0.5), D.ExpTransform()), (LOC, SCALE)),
    "TransformedDistribution by an inverse": (
        lambda D, *t: D.TransformedDistribution(D.LogNormal(*t), [D.ExpTransform().inv]), (LOC, SCALE)),
    "TransformedDistribution that broadcasts": (
        lambda D, *t: D.TransformedDistribution(D.Normal(t[0][0, 0], 1.0), [D.AffineTransform(t[0], t[1])]),
        (LOC, SCALE)),
}  # fmt: skip


def values(name):
    """Values inside the support (4, 2, 3), or (4, 2) where the batch is (2,)."""
    noise = np.random.RandomState(1)
    kind = name.split()[0]
    if kind == "Bernoulli" or name == "Independent of none":
        return noise.randint(0, 2, (4, 2, 3)).astype("float64")
    if kind == "Categorical":
        return noise.randint(0, 3, (4, 2))
    if kind == "Uniform":
        return LOC + SCALE * noise.uniform(0.05, 0.95, (4, 2, 3))
    if name.endswith(("tanh", "sigmoid")):
        return noise.uniform(0.1, 0.9, (4, 2, 3))
    if kind in ("Exponential", "LogNormal") or name.endswith("two"):
        return noise.uniform(0.1, 3.0, (4, 2, 3))
    return noise.standard_normal((4, 2, 3))
