"""WRN and ResNet of the same definition in PyTorch. Usage: torch_peer.py nchw|nhwc THREADS"""
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from protocol import serve

LAYOUT, THREADS = sys.argv[1], int(sys.argv[2])


def conv(inputs, outputs, kernel, stride):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)


class PreActivation(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1, self.conv2 = conv(inputs, outputs, 3, stride), conv(outputs, outputs, 3, 1)
        self.shortcut = None if inputs == outputs else conv(inputs, outputs, 1, stride)

    def forward(self, x):
        # What nothing else reads is overwritten, as a careful PyTorch user writes it.
        a = F.relu(self.bn1(x), inplace=True)
        y = self.conv2(F.relu(self.bn2(self.conv1(a)), inplace=True))
        return y + (x if self.shortcut is None else self.shortcut(a))


class WideResNet(nn.Module):
    def __init__(self, depth, width):
        super().__init__()
        self.conv1, channels, blocks = conv(3, 16, 3, 1), 16, []
        for stage, base in enumerate((16, 32, 64)):
            for i in range((depth - 4) // 6):
                blocks.append(PreActivation(channels, base * width, 2 if stage > 0 and i == 0 else 1))
                channels = base * width
        self.blocks, self.bn1, self.fc = nn.Sequential(*blocks), nn.BatchNorm2d(channels), nn.Linear(channels, 10)

    def forward(self, x):
        return self.fc(F.relu(self.bn1(self.blocks(self.conv1(x))), inplace=True).mean((2, 3)))


class OptionA(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.conv2 = conv(inputs, outputs, 3, stride), conv(outputs, outputs, 3, 1)
        self.bn1, self.bn2 = nn.BatchNorm2d(outputs), nn.BatchNorm2d(outputs)
        self.pad = (outputs - inputs) // 2

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))
        if self.pad:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.pad, self.pad))
        return F.relu(y + x, inplace=True)


class ResNetCifar(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.conv1, self.bn1, channels, blocks = conv(3, 16, 3, 1), nn.BatchNorm2d(16), 16, []
        for stage, filters in enumerate((16, 32, 64)):
            for i in range((depth - 2) // 6):
                blocks.append(OptionA(channels, filters, 2 if stage > 0 and i == 0 else 1))
                channels = filters
        self.blocks, self.fc = nn.Sequential(*blocks), nn.Linear(channels, 10)

    def forward(self, x):
        return self.fc(self.blocks(F.relu(self.bn1(self.conv1(x)), inplace=True)).mean((2, 3)))


def prepare(case):
    torch.manual_seed(0)
    family, depth, width = case["family"], case["depth"], case.get("width")
    model = WideResNet(depth, width) if family == "wide-resnet" else ResNetCifar(depth)
    size, batch = case["size"], case["batch"]
    x, y = torch.rand(batch, 3, size, size), torch.arange(batch) % 10
    if LAYOUT == "nhwc":
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    autocast = torch.autocast("cpu", dtype=torch.bfloat16, enabled=case["precision"] == "bf16")
    if case["mode"] == "infer":
        model.eval()

        def infer():
            with torch.inference_mode(), autocast:
                model(x)

        return infer
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9, weight_decay=5e-4, nesterov=True)

    def train():
        optimizer.zero_grad()
        with autocast:
            loss = F.cross_entropy(model(x).float(), y)
        loss.backward()
        optimizer.step()
        loss.item()

    return train


torch.set_num_threads(THREADS)
serve(torch.__version__, prepare)
