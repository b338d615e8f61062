"""A custom Dataset of dicts, a collate function, samplers, a split, and a loop over loaders."""

import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset, SubsetRandomSampler, WeightedRandomSampler, random_split


class SensorDataset(Dataset):
    def __init__(self, values, labels, transform=None):
        self.values = values
        self.labels = labels
        self.transform = transform

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, idx):
        sample = {"value": self.values[idx], "label": int(self.labels[idx]), "name": "s%d" % idx}
        if self.transform:
            sample = self.transform(sample)
        return sample


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, sample):
        return {**sample, "value": sample["value"] * self.factor}


def padded(batch):
    lengths = torch.tensor([len(s["name"]) for s in batch])
    values = torch.stack([torch.as_tensor(s["value"]) for s in batch])
    labels = torch.as_tensor([s["label"] for s in batch], dtype=torch.long)
    return values, labels, lengths


def main(fixed):
    values = fixed.normal(24, 6).numpy()
    labels = np.arange(24) % 3
    dataset = SensorDataset(values, labels, transform=Scale(np.float32(0.5)))
    model = fixed.weights(nn.Linear(6, 3))
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss(reduction="mean", label_smoothing=0.1)
    losses = []
    loader = DataLoader(dataset, batch_size=8, shuffle=False, num_workers=0, pin_memory=False, drop_last=True)
    for i, batch in enumerate(loader):
        inputs, targets = batch["value"].float(), batch["label"].long()
        assert batch["name"][0] == f"s{8 * i}"
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    for values, labels, lengths in DataLoader(dataset, 12, collate_fn=padded):
        losses.append((criterion(model(values), labels) * lengths.float().mean()).item())

    train, rest = random_split(dataset, [18, 6])
    every = DataLoader(dataset, batch_size=6, sampler=SubsetRandomSampler(range(12)))
    seen = torch.cat([batch["label"] for batch in every])
    losses.append(seen.sort().values.float().mean().item())
    heavy = WeightedRandomSampler([0.0] * 12 + [1.0] * 12, num_samples=6, replacement=False)
    picked = torch.cat([batch["value"].sum(1) for batch in DataLoader(dataset, batch_size=2, sampler=heavy)])
    losses += [float(len(train)), float(len(rest)), float(picked.shape[0]), float(len(every))]
    return losses
