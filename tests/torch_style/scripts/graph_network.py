"""A graph network as written without a library: a GCN by adjacency, and message passing by scatter."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.parameter import Parameter


class GraphConvolution(nn.Module):
    def __init__(self, in_features, out_features, bias=True):
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(torch.empty(in_features, out_features))
        if bias:
            self.bias = Parameter(torch.zeros(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / math.sqrt(self.weight.size(1))
        self.weight.data.uniform_(-stdv, stdv)
        if self.bias is not None:
            self.bias.data.uniform_(-stdv, stdv)

    def forward(self, input, adj):
        support = torch.mm(input, self.weight)
        output = torch.mm(adj, support)
        if self.bias is not None:
            return output + self.bias
        return output

    def __repr__(self):
        return self.__class__.__name__ + " (" + str(self.in_features) + " -> " + str(self.out_features) + ")"


class Attention(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.score = nn.Linear(2 * features, 1, bias=False)

    def forward(self, x, edge_index):
        source, target = edge_index
        e = F.leaky_relu(self.score(torch.cat([x[source], x[target]], dim=-1)), 0.2).squeeze(-1)
        e = torch.exp(e - e.max())
        total = torch.zeros(x.size(0), dtype=x.dtype, device=x.device).scatter_add_(0, target, e)
        alpha = e / total[target].clamp(min=1e-12)
        out = torch.zeros_like(x)
        return out.index_add_(0, target, alpha.unsqueeze(-1) * x[source])


class GCN(nn.Module):
    def __init__(self, nfeat, nhid, nclass):
        super().__init__()
        self.gc1 = GraphConvolution(nfeat, nhid)
        self.att = Attention(nhid)
        self.gc2 = GraphConvolution(nhid, nclass, bias=False)

    def forward(self, x, adj, edge_index):
        x = F.relu(self.gc1(x, adj))
        x = x + self.att(x, edge_index)
        x = self.gc2(x, adj)
        return F.log_softmax(x, dim=1)


def main(fixed):
    nodes, edges = 12, 30
    edge_index = torch.stack([fixed.labels(nodes, edges), fixed.labels(nodes, edges)])
    adj = torch.zeros(nodes, nodes)
    adj[edge_index[0], edge_index[1]] = 1.0
    adj = adj + adj.t() * (adj.t() > adj).float() - adj * (adj.t() > adj).float() + torch.eye(nodes)
    adj = adj / adj.sum(1, keepdim=True)
    features, labels = fixed.normal(nodes, 5), fixed.labels(3, nodes)
    idx_train = torch.arange(0, 8)
    mask = torch.zeros(nodes, dtype=torch.bool)
    mask[8:] = True
    model = fixed.weights(GCN(5, 8, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    losses = []
    for epoch in range(3):
        model.train()
        optimizer.zero_grad()
        output = model(features, adj, edge_index)
        loss_train = F.nll_loss(output[idx_train], labels[idx_train])
        loss_train.backward()
        optimizer.step()
        preds = output[mask].max(1)[1].type_as(labels)
        correct = preds.eq(labels[mask]).double().sum()
        losses += [loss_train.item(), (correct / mask.sum()).item()]
    return losses
