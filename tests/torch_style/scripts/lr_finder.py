"""A learning-rate finder: rates written into param_groups, a state kept and given back, smoothed losses."""

import math

import torch
import torch.nn as nn


class LRFinder:
    def __init__(self, model, optimizer, criterion, device=None):
        self.model = model
        self.optimizer = optimizer
        self.criterion = criterion
        self.history = {"lr": [], "loss": []}
        self.model_state = {k: v.clone() for k, v in model.state_dict().items()}
        self.device = device or next(self.model.parameters()).device

    def reset(self):
        self.model.load_state_dict(self.model_state)

    def range_test(self, batches, end_lr=1.0, num_iter=6, smooth_f=0.05):
        self.model.to(self.device)
        lr_schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda i: (end_lr / 1e-3) ** (i / (num_iter - 1))
        )
        best = math.inf
        for iteration in range(num_iter):
            inputs, labels = batches[iteration % len(batches)]
            inputs, labels = inputs.to(self.device), labels.to(self.device, non_blocking=True)
            self.model.train()
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(inputs), labels)
            loss.backward()
            loss = loss.item()
            self.optimizer.step()
            lr_schedule.step()
            self.history["lr"].append(lr_schedule.get_last_lr()[0])
            if iteration > 0:
                loss = smooth_f * loss + (1 - smooth_f) * self.history["loss"][-1]
            best = min(best, loss)
            self.history["loss"].append(loss)
            if loss > 5 * best:
                break


def main(fixed):
    model = fixed.weights(
        nn.Sequential(nn.Flatten(), nn.Linear(16, 20), nn.Hardtanh(), nn.Linear(20, 3), nn.LogSoftmax(dim=1))
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    finder = LRFinder(model, optimizer, nn.NLLLoss())
    batches = [(fixed.normal(8, 1, 4, 4), fixed.labels(3, 8)) for _ in range(2)]
    finder.range_test(batches)
    finder.reset()
    again = finder.criterion(model(batches[0][0]), batches[0][1]).item()
    assert abs(again - finder.history["loss"][0]) < 1e-6
    return finder.history["lr"] + finder.history["loss"]
