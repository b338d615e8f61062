"""Neural style: an image that is a leaf, Gram matrices, hooks that collect features, losses inside a Sequential."""

import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim


def gram_matrix(input):
    a, b, c, d = input.size()
    features = input.view(a * b, c * d)
    G = torch.mm(features, features.t())
    return G.div(a * b * c * d)


class ContentLoss(nn.Module):
    def __init__(self, target):
        super().__init__()
        self.target = target.detach()

    def forward(self, input):
        self.loss = F.mse_loss(input, self.target)
        return input


class StyleLoss(nn.Module):
    def __init__(self, target_feature):
        super().__init__()
        self.target = gram_matrix(target_feature).detach()

    def forward(self, input):
        self.loss = F.mse_loss(gram_matrix(input), self.target)
        return input


class Normalization(nn.Module):
    def __init__(self, mean, std):
        super().__init__()
        self.mean = torch.tensor(mean).view(-1, 1, 1)
        self.std = torch.tensor(std).view(-1, 1, 1)

    def forward(self, img):
        return (img - self.mean) / self.std


def main(fixed):
    cnn = fixed.weights(
        nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(6, 8, 3, padding=1))
    )
    for p in cnn.parameters():
        p.requires_grad_(False)
    content_img, style_img = fixed.uniform(1, 3, 8, 8), fixed.uniform(1, 3, 8, 8)
    model = nn.Sequential(Normalization([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    content_losses, style_losses = [], []
    for i, layer in enumerate(cnn.children()):
        if isinstance(layer, nn.ReLU):
            layer = nn.ReLU(inplace=False)
        model.add_module(f"layer_{i}", layer)
        if i == 2:
            content_loss = ContentLoss(model(content_img))
            model.add_module("content_loss", content_loss)
            content_losses.append(content_loss)
        style_loss = StyleLoss(model(style_img).detach())
        model.add_module(f"style_loss_{i}", style_loss)
        style_losses.append(style_loss)

    seen = {}
    handle = model[1].register_forward_hook(lambda module, args, output: seen.update(first=output.detach()))
    input_img = content_img.clone()
    input_img.requires_grad_(True)
    model.requires_grad_(False)
    optimizer = optim.Adam([input_img], lr=0.02)
    losses = []
    for run in range(3):
        with torch.no_grad():
            input_img.clamp_(0, 1)
        optimizer.zero_grad()
        model(input_img)
        style_score = 0
        content_score = 0
        for sl in style_losses:
            style_score += sl.loss
        for cl in content_losses:
            content_score += cl.loss
        style_score *= 1000
        loss = style_score + content_score
        loss.backward()
        optimizer.step()
        losses += [style_score.item(), content_score.item(), seen["first"].mean().item()]
    handle.remove()
    return losses
