"""The networks of four colorizers, as their papers describe them, with random weights.

ECCV16: Zhang, Isola and Efros (2016), Colorful Image Colorization.
SIGGRAPH17: Zhang et al. (2017), Real-Time User-Guided Image Colorization with Learned Deep Priors.
DDColor: Kang et al. (2023), DDColor: Towards Photo-Realistic Image Colorization via Dual Decoders, with the
    encoder of Liu et al. (2022), A ConvNet for the 2020s (tiny).
DeOldify: Antic (2018), a U-Net with the encoder of He et al. (2016, 34 layers), self-attention of Zhang et al.
    (2019) and pixel shuffle of Shi et al. (2016).

Each takes and gives what its published files do; scaling and normalization are inside. `colors` is the layer whose
outputs are the colors: `calibrated` scales it, so that colors of random weights are those of photos.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def constants(*values):
    return [torch.tensor(value)[:, None, None] for value in values]


def block(first, out, count, stride=1, dilation=1, norm=True):
    """Convolutions of 3x3, each with ReLU, the last one with the stride; then batch normalization."""
    layers = []
    for place in range(count):
        last = stride if place == count - 1 else 1
        layers += [nn.Conv2d(first if place == 0 else out, out, 3, last, dilation, dilation), nn.ReLU()]
    return nn.Sequential(*layers, *[nn.BatchNorm2d(out)] * norm)


class Eccv16(nn.Module):
    """L, 0 to 100, to ab: [1, 1, 256, 256] to [1, 2, 256, 256]."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            block(1, 64, 2, stride=2),
            block(64, 128, 2, stride=2),
            block(128, 256, 3, stride=2),
            block(256, 512, 3),
            block(512, 512, 3, dilation=2),
            block(512, 512, 3, dilation=2),
            block(512, 512, 3),
            nn.ConvTranspose2d(512, 256, 4, 2, 1),
            nn.ReLU(),
            block(256, 256, 2, norm=False),
            nn.Conv2d(256, 313, 1),
        )
        self.colors = nn.Conv2d(313, 2, 1, bias=False)

    def forward(self, lightness):
        shares = self.body((lightness - 50) / 100).softmax(1)
        return F.interpolate(self.colors(shares), scale_factor=4, mode="bilinear") * 110


class Siggraph17(nn.Module):
    """L, hinted ab and where they are, to ab: [1, 1 and 2 and 1, 256, 256] to [1, 2, 256, 256]."""

    def __init__(self):
        super().__init__()
        self.first = block(4, 64, 2)
        self.second = block(64, 128, 2)
        self.third = block(128, 256, 3)
        self.middle = nn.Sequential(
            block(256, 512, 3),
            block(512, 512, 3, dilation=2),
            block(512, 512, 3, dilation=2),
            block(512, 512, 3),
        )
        self.ups = nn.ModuleList(
            nn.ConvTranspose2d(*sizes, 4, 2, 1) for sizes in [(512, 256), (256, 128), (128, 128)]
        )
        self.skips = nn.ModuleList(
            nn.Conv2d(*sizes, 3, padding=1) for sizes in [(256, 256), (128, 128), (64, 128)]
        )
        self.after = nn.ModuleList(
            [block(256, 256, 2), block(128, 128, 1), block(128, 128, 1, norm=False)]
        )
        self.colors = nn.Conv2d(128, 2, 1)

    def forward(self, lightness, user_ab, user_map):
        given = torch.cat([(lightness - 50) / 100, user_ab / 110, user_map - 0.5], 1)
        kept = [self.first(given)]
        for stage in [self.second, self.third]:
            kept.append(stage(kept[-1][:, :, ::2, ::2]))
        x = self.middle(kept[-1][:, :, ::2, ::2])
        for up, skip, after in zip(self.ups, self.skips, self.after):
            x = after(F.relu(up(x) + skip(kept.pop())))
        return self.colors(x).tanh() * 110


class ChannelNorm(nn.LayerNorm):
    """Layer normalization over channels."""

    def forward(self, x):
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class ConvNextBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 7, padding=3, groups=width),
            ChannelNorm(width, eps=1e-6),
            nn.Conv2d(width, 4 * width, 1),
            nn.GELU(),
            nn.Conv2d(4 * width, width, 1),
        )
        self.scale = nn.Parameter(torch.full((width, 1, 1), 0.3))

    def forward(self, x):
        return x + self.scale * self.layers(x)


class Encoder(nn.Module):
    """ConvNeXt, tiny: maps of a quarter, an eighth, a 16th and a 32nd of the picture."""

    widths, depths = [96, 192, 384, 768], [3, 3, 9, 3]

    def __init__(self):
        super().__init__()
        stages, before = [], 3
        for width, depth in zip(self.widths, self.depths):
            if before == 3:
                down = [nn.Conv2d(3, width, 4, 4), ChannelNorm(width, eps=1e-6)]
            else:
                down = [ChannelNorm(before, eps=1e-6), nn.Conv2d(before, width, 2, 2)]
            stages.append(nn.Sequential(*down, *[ConvNextBlock(width) for _ in range(depth)]))
            before = width
        self.stages = nn.ModuleList(stages)
        self.norms = nn.ModuleList(ChannelNorm(width, eps=1e-6) for width in self.widths)

    def forward(self, x):
        maps = []
        for stage, norm in zip(self.stages, self.norms):
            x = stage(x)
            maps.append(norm(x))
        return maps


class Shuffled(nn.Module):
    """Enlarged by pixel shuffle, then smoothed by a mean of 2x2."""

    def __init__(self, first, out, factor=2):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(first, out * factor**2, 1),
            nn.ReLU(),
            nn.PixelShuffle(factor),
            nn.ReplicationPad2d((1, 0, 1, 0)),
            nn.AvgPool2d(2, 1),
        )

    def forward(self, x):
        return self.layers(x)


class Joined(nn.Module):
    """A map enlarged and joined with a larger one."""

    def __init__(self, first, skip, out, convolutions=1):
        super().__init__()
        self.up = Shuffled(first, first // 2)
        self.norm = nn.BatchNorm2d(skip)
        self.after = block(first // 2 + skip, out, convolutions)

    def forward(self, x, skip):
        return self.after(F.relu(torch.cat([self.up(x), self.norm(skip)], 1)))


class Attention(nn.Module):
    """Attention of queries to keys with 8 heads, added and normalized."""

    heads = 8

    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.norm = nn.LayerNorm(width)

    def forward(self, x, query, key, value):
        def split(x):
            return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

        query, key = split(self.query(query)), split(self.key(key))
        scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])
        found = scores.softmax(-1) @ split(self.value(value))
        return self.norm(x + self.out(found.transpose(1, 2).flatten(2)))


class ColorLayer(nn.Module):
    """Queries look at a map, then at each other."""

    def __init__(self, width, hidden=2048):
        super().__init__()
        self.cross, self.own = Attention(width), Attention(width)
        self.forward_layers = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))
        self.norm = nn.LayerNorm(width)

    def forward(self, x, places, seen, seen_places):
        x = self.cross(x, x + places, seen + seen_places, seen)
        x = self.own(x, x + places, x + places, x)
        return self.norm(x + self.forward_layers(x))


def sines(side, width):
    """Sines and cosines of rows and columns: [1, side * side, width]."""
    angles = torch.arange(1, side + 1)[:, None] / (side + 1e-6) * 2 * math.pi
    angles = angles / 10_000 ** (torch.arange(0, width // 2, 2) / (width // 2))
    line = torch.stack([angles.sin(), angles.cos()], -1).flatten(1)
    rows = line[:, None].expand(side, side, -1)
    columns = line[None].expand(side, side, -1)
    return torch.cat([rows, columns], -1).flatten(0, 1)[None]


class DdColor(nn.Module):
    """RGB, 0 to 1, of a gray picture to ab: [1, 3, side, side] to [1, 2, side, side]."""

    queries, width, layers = 100, 256, 9

    def __init__(self, side=256):
        super().__init__()
        for name, value in zip(["mean", "deviation"], constants(*IMAGENET)):
            self.register_buffer(name, value)
        self.encoder = Encoder()
        self.joined = nn.ModuleList(
            [Joined(768, 384, 512), Joined(512, 192, 512), Joined(512, 96, 256)]
        )
        self.last = Shuffled(256, 256, 4)
        scales = [(512, side // 16), (512, side // 8), (256, side // 4)]
        self.projected = nn.ModuleList(nn.Conv2d(width, self.width, 1) for width, _ in scales)
        self.levels = nn.Parameter(torch.randn(len(scales), self.width))
        for place, (_, side) in enumerate(scales):
            self.register_buffer(f"places{place}", sines(side, self.width))
        self.start = nn.Parameter(torch.randn(1, self.queries, self.width))
        self.places = nn.Parameter(torch.randn(1, self.queries, self.width))
        self.decoder = nn.ModuleList(ColorLayer(self.width) for _ in range(self.layers))
        self.embedded = nn.Sequential(
            nn.LayerNorm(self.width),
            *[nn.Linear(self.width, self.width), nn.ReLU()],
            *[nn.Linear(self.width, self.width), nn.ReLU()],
            nn.Linear(self.width, 256),
        )
        self.colors = nn.Conv2d(self.queries + 3, 2, 1)

    def forward(self, rgb):
        x = (rgb - self.mean) / self.deviation
        *skips, top = self.encoder(x)
        maps = []
        for joined in self.joined:
            top = joined(top, skips.pop())
            maps.append(top)
        seen = [
            conv(each).flatten(2).transpose(1, 2) + level
            for conv, each, level in zip(self.projected, maps, self.levels)
        ]
        queries = self.start
        for place, layer in enumerate(self.decoder):
            scale = place % len(seen)
            queries = layer(queries, self.places, seen[scale], getattr(self, f"places{scale}"))
        scores = torch.einsum("bqc,bchw->bqhw", self.embedded(queries), self.last(top))
        return self.colors(torch.cat([scores, x], 1))


class ResidualBlock(nn.Module):
    def __init__(self, first, out, stride=1):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(first, out, 3, stride, 1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
            nn.Conv2d(out, out, 3, padding=1, bias=False),
            nn.BatchNorm2d(out),
        )
        same = first == out and stride == 1
        short = [nn.Conv2d(first, out, 1, stride, bias=False), nn.BatchNorm2d(out)]
        self.short = nn.Identity() if same else nn.Sequential(*short)

    def forward(self, x):
        return F.relu(self.short(x) + self.layers(x))


def residual(first, out, depth, stride):
    blocks = [ResidualBlock(out, out) for _ in range(depth - 1)]
    return nn.Sequential(ResidualBlock(first, out, stride), *blocks)


class SelfAttention(nn.Module):
    """Every place of a map looks at all."""

    def __init__(self, width):
        super().__init__()
        self.query, self.key, self.value = (
            nn.Conv1d(width, out, 1, bias=False) for out in [width // 8, width // 8, width]
        )
        self.gamma = nn.Parameter(torch.tensor(0.5))

    def forward(self, x):
        flat = x.flatten(2)
        shares = (self.query(flat).transpose(1, 2) @ self.key(flat)).softmax(1)
        return (self.gamma * (self.value(flat) @ shares) + flat).reshape(x.shape)


class DeOldify(nn.Module):
    """Gray RGB to RGB, both 0 to 255: [1, 3, height, width], multiples of 32."""

    def __init__(self):
        super().__init__()
        for name, value in zip(["mean", "deviation"], constants(*IMAGENET)):
            self.register_buffer(name, value)
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU()
        )
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.stages = nn.ModuleList(
            [residual(64, 64, 3, 1), residual(64, 128, 4, 2), residual(128, 256, 6, 2), residual(256, 512, 3, 2)]
        )
        self.middle = nn.Sequential(nn.BatchNorm2d(512), nn.ReLU(), block(512, 1024, 1), block(1024, 512, 1))
        self.joined = nn.ModuleList(
            [Joined(512, 256, 768, 2), Joined(768, 128, 768, 2), Joined(768, 64, 384, 2), Joined(384, 64, 192, 2)]
        )
        self.attention = SelfAttention(768)
        self.last = Shuffled(192, 192)
        self.mixed = nn.Sequential(nn.Conv2d(195, 195, 3, padding=1), nn.ReLU(), nn.Conv2d(195, 195, 3, padding=1), nn.ReLU())
        self.colors = nn.Conv2d(195, 3, 1)

    def forward(self, rgb):
        x = (rgb / 255 - self.mean) / self.deviation
        kept = [self.stem(x)]
        top = self.pool(kept[0])
        for stage in self.stages:
            top = stage(top)
            kept.append(top)
        top = self.middle(kept.pop())
        for place, joined in enumerate(self.joined):
            top = joined(top, kept.pop())
            if place == 1:
                top = self.attention(top)
        top = torch.cat([self.last(top), x], 1)
        found = self.colors(top + self.mixed(top)).sigmoid() * 6 - 3
        return (found * self.deviation + self.mean) * 255


def calibrated(network, example, deviation):
    """The network, with batch normalization that fits an example and outputs of a deviation before they are
    scaled or limited; ready to be applied."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None
    found = []
    watch = network.colors.register_forward_hook(lambda *given: found.append(given[2]))
    with torch.no_grad():
        network.train()(*example)
        network.eval()(*example)
        mean, spread = found[-1].mean((0, 2, 3)), found[-1].std((0, 2, 3))
        watch.remove()
        factor = deviation / spread
        last = network.colors
        if last.bias is None:
            # What it is given are shares, whose sum is 1.
            last.weight -= mean[:, None, None, None]
        else:
            last.bias.copy_((last.bias - mean) * factor)
        last.weight *= factor[:, None, None, None]
    return network
