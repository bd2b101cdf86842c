"""A trainer of the same model in PyTorch, for tests and benches that hold gpt-train against it.

Everything is written from published descriptions: the Llama decoder, AdamW (PyTorch's own), Muon, the schedules of gpt-train(1), shards as
gpt-shard(5) describes them, safetensors. It owns nothing that decides whether a comparison passes.
"""
import json
import math
import os
import struct
import subprocess

import numpy
import torch
import torch.nn.functional as F


def read_safetensors(path):
    """Name -> float32 tensor."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]).copy())
    return tensors


def write_safetensors(path, tensors):
    header, blocks, at = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in tensors.items():
        block = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(block)]}
        blocks.append(block)
        at += len(block)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


def read_documents(shards, split, begin):
    """The documents of a split, each an array that starts with the token `begin`."""
    with open(os.path.join(shards, "manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    width = "<u2" if manifest["token_width"] == 2 else "<u4"
    documents = []
    for shard in manifest["shards"]:
        if shard["split"] == split:
            stream = subprocess.run(["zstd", "-dcq", os.path.join(shards, shard["name"])], stdout=subprocess.PIPE, check=True).stdout
            ids = numpy.frombuffer(stream, width).astype(numpy.int64)
            documents += numpy.split(ids, numpy.flatnonzero(ids == begin))[1:]
    return documents


def initialise(shapes, layers, seed):
    """Weights of these shapes at random: deviation 0.02, for what adds to the residual stream over the root of 2 a layer."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in shapes.items():
        residual = name.endswith(("o_proj.weight", "down_proj.weight"))
        deviation = 0.02 / math.sqrt(2 * layers) if residual else 0.02
        weights[name] = torch.randn(shape, generator=generator) * deviation if len(shape) == 2 else torch.ones(shape)
    return weights


class Llama:
    """The decoder over weights in Hugging Face's names, which it makes leaves that take gradients."""

    def __init__(self, weights, config):
        self.weights = {name: tensor.detach().clone().requires_grad_() for name, tensor in weights.items()}
        self.config = config
        half = config["head_dim"] // 2
        positions = torch.arange(config["max_position_embeddings"], dtype=torch.float64)
        angles = positions[:, None] * config["rope_theta"] ** (-torch.arange(half, dtype=torch.float64) / half)
        self.cosines, self.sines = angles.cos().float(), angles.sin().float()

    def norm(self, x, name):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.config["rms_norm_eps"]) * self.weights[name]

    def attention(self, x, prefix, cosines, sines, mask):
        rows, length, _ = x.shape
        size, heads, kv_heads = (self.config[name] for name in ("head_dim", "num_attention_heads", "num_key_value_heads"))

        def project(name, count):
            return F.linear(x, self.weights[f"{prefix}{name}_proj.weight"]).view(rows, length, count, size).transpose(1, 2)

        def rotate(y):
            low, high = y.float().chunk(2, -1)
            return torch.cat((low * cosines - high * sines, high * cosines + low * sines), -1).to(y.dtype)

        q, k, v = rotate(project("q", heads)), rotate(project("k", kv_heads)), project("v", kv_heads)
        if heads != kv_heads:
            k, v = (t.repeat_interleave(heads // kv_heads, 1) for t in (k, v))
        scores = q @ k.transpose(-1, -2) * size**-0.5 + mask
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(rows, length, heads * size)
        return F.linear(mixed, self.weights[f"{prefix}o_proj.weight"])

    def logits(self, tokens, starts):
        """tokens and starts: [rows, length]; starts is where in the row each token's document begins."""
        at = torch.arange(tokens.shape[1])
        hidden = (at[None, None, :] > at[None, :, None]) | (at[None, None, :] < starts[:, :, None])
        mask = torch.zeros(hidden.shape).masked_fill_(hidden, float("-inf"))[:, None]
        cosines, sines = (table[at[None] - starts][:, None] for table in (self.cosines, self.sines))
        x = F.embedding(tokens, self.weights["model.embed_tokens.weight"])
        for layer in range(self.config["num_hidden_layers"]):
            prefix = f"model.layers.{layer}."
            x = x + self.attention(self.norm(x, prefix + "input_layernorm.weight"), prefix + "self_attn.", cosines, sines, mask)
            y = self.norm(x, prefix + "post_attention_layernorm.weight")
            gate, up = (F.linear(y, self.weights[f"{prefix}mlp.{name}_proj.weight"]) for name in ("gate", "up"))
            x = x + F.linear(F.silu(gate) * up, self.weights[prefix + "mlp.down_proj.weight"])
        head = self.weights.get("lm_head.weight", self.weights["model.embed_tokens.weight"])
        return F.linear(self.norm(x, "model.norm.weight"), head)

    def loss(self, tokens, targets, starts):
        """The mean over the targets; -1 is none."""
        return F.cross_entropy(self.logits(tokens, starts).flatten(0, 1).float(), targets.flatten(), ignore_index=-1)


class Muon:
    """K. Jordan and others, 2024, with Nesterov's momentum, scaled to AdamW's size as by J. Liu and others, 2025."""

    def __init__(self, parameters, momentum, weight_decay):
        self.parameters = [(p, torch.zeros_like(p)) for p in parameters]
        self.momentum, self.weight_decay = momentum, weight_decay

    @torch.no_grad()
    def step(self, rate):
        for parameter, buffer in self.parameters:
            buffer.mul_(self.momentum).add_(parameter.grad)
            update = parameter.grad + self.momentum * buffer
            transposed = update.shape[0] > update.shape[1]
            x = update.T if transposed else update
            x = x / x.norm()
            for _ in range(5):
                gram = x @ x.T
                x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
            parameter.mul_(1 - rate * self.weight_decay)
            parameter.add_(x.T if transposed else x, alpha=-rate * 0.2 * max(update.shape) ** 0.5)


class Optimizer:
    """AdamW with decay of matrices alone, or Muon for the matrices of the layers beside it, and the clipping before both."""

    def __init__(self, model, settings):
        weights = model.weights
        self.everything = list(weights.values())
        self.clip = settings["clip"]
        on_muon = [name for name, w in weights.items() if settings["optimizer"] == "muon" and w.dim() == 2 and ".layers." in name]
        rest = [name for name in weights if name not in on_muon]
        groups = [{"params": [weights[n] for n in rest if weights[n].dim() == 2], "weight_decay": settings["weight_decay"]},
                  {"params": [weights[n] for n in rest if weights[n].dim() == 1], "weight_decay": 0.0}]
        self.adamw = torch.optim.AdamW(groups, betas=(settings["beta1"], settings["beta2"]), eps=1e-8, foreach=True)
        self.muon = Muon([weights[n] for n in on_muon], settings["muon_momentum"], settings["weight_decay"])
        self.muon_rate = settings["muon_rate"]

    def step(self, rate):
        """Returns the norm of the gradient before clipping."""
        norm = torch.nn.utils.clip_grad_norm_(self.everything, self.clip)
        for group in self.adamw.param_groups:
            group["lr"] = rate
        self.adamw.step()
        self.muon.step(rate * self.muon_rate)
        self.adamw.zero_grad(set_to_none=True)
        for parameter, _ in self.muon.parameters:
            parameter.grad = None
        return norm.item()


def learning_rate(settings, step):
    """Of a step that counts from 0: gpt-train(1), --schedule."""
    peak, steps = settings["learning_rate"], settings["steps"]
    warmup = math.ceil(settings["warmup"] * steps) if settings["warmup"] < 1 else settings["warmup"]
    low = peak * settings["final_rate"]
    if step < warmup:
        return peak * (step + 1) / warmup
    if settings["schedule"] == "cosine":
        return low + (peak - low) * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2
    if settings["schedule"] == "wsd":
        return low + (peak - low) * (1 - math.sqrt(max(0.0, step - 0.8 * steps) / (0.2 * steps)))
    return peak


def train_step(model, optimizer, rate, batch, bf16=False):
    """batch: tokens, targets, starts. Returns the loss before the update and the norm of its gradient."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        loss = model.loss(*batch)
    loss.backward()
    return loss.item(), optimizer.step(rate)
