"""A character model as tutorials write it: one-hot inputs, a recurrent net of linear layers, then LSTM with states."""

import torch
import torch.nn as nn

text = "the quick brown fox jumps over the lazy dog "
letters = sorted(set(text))
index = {letter: i for i, letter in enumerate(letters)}
n = len(letters)


def line_to_tensor(line):
    tensor = torch.zeros(len(line), 1, n)
    for i, letter in enumerate(line):
        tensor[i][0][index[letter]] = 1
    return tensor


class RNN(nn.Module):
    def __init__(self, input_size, hidden_size, output_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.i2h = nn.Linear(input_size + hidden_size, hidden_size)
        self.i2o = nn.Linear(input_size + hidden_size, output_size)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, input, hidden):
        combined = torch.cat((input, hidden), 1)
        return self.softmax(self.i2o(combined)), self.i2h(combined)

    def init_hidden(self):
        return torch.zeros(1, self.hidden_size)


class CharLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Embedding(n, 8)
        self.lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True)
        self.decoder = nn.Linear(16, n)

    def forward(self, x, state):
        out, state = self.lstm(self.encoder(x), state)
        return self.decoder(out.contiguous().view(-1, 16)), state


rnn, criterion = RNN(n, 12, n), nn.NLLLoss()
hidden, line = rnn.init_hidden(), line_to_tensor(text[:10])
rnn.zero_grad()
loss = 0
for i in range(9):
    output, hidden = rnn(line[i], hidden)
    loss = loss + criterion(output, torch.LongTensor([index[text[i + 1]]]))
loss.backward()
for p in rnn.parameters():
    p.data.add_(p.grad.data, alpha=-0.05)

model = CharLSTM()
optimizer = torch.optim.RMSprop(model.parameters(), lr=0.01)
state = (torch.zeros(2, 1, 16), torch.zeros(2, 1, 16))
data = torch.tensor([index[letter] for letter in text]).unsqueeze(0)
for start in range(0, 24, 8):
    state = tuple(s.detach() for s in state)
    logits, state = model(data[:, start : start + 8], state)
    loss = nn.functional.cross_entropy(logits, data[0, start + 1 : start + 9])
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
