"""torchvision.ops of boxes (N, 4): left, top, right and bottom, in pixels."""

from __future__ import annotations

from typing import Any

import xdl
from xdl.tensor import Tensor


def box_area(boxes: Tensor) -> Tensor:
    """Widths times heights (N,)."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def box_iou(boxes1: Tensor, boxes2: Tensor) -> Tensor:
    """The shared area of each two boxes by that of both together (N, M)."""
    corner = xdl.maximum(boxes1[:, None, :2], boxes2[None, :, :2])
    sizes = (xdl.minimum(boxes1[:, None, 2:], boxes2[None, :, 2:]) - corner).clamp(min=0)
    shared = sizes[..., 0] * sizes[..., 1]
    return shared / (box_area(boxes1)[:, None] + box_area(boxes2)[None] - shared)


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float) -> Tensor:
    """The indices of the boxes that no better one covers by more than the threshold, best first."""
    order = scores.argsort(descending=True, stable=True)
    covers = (box_iou(boxes[order], boxes[order]) > iou_threshold).tolist()
    kept: list[int] = []
    for i in range(len(covers)):
        if not any(covers[j][i] for j in kept):
            kept.append(i)
    return order[xdl.tensor(kept, dtype="int64", device=boxes.device)]


def batched_nms(boxes: Tensor, scores: Tensor, idxs: Tensor, iou_threshold: float) -> Tensor:
    """The same within each class idxs (N,)."""
    if not boxes.numel():
        return idxs.long()
    apart = idxs.to(boxes)[:, None] * (boxes.max() + 1)
    return nms(boxes + apart, scores, iou_threshold)


def clip_boxes_to_image(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Boxes cut off at the edges of an image (height, width)."""
    height, width = size
    return xdl.stack([boxes[:, i].clamp(0, width if i % 2 == 0 else height) for i in range(4)], 1)


def remove_small_boxes(boxes: Tensor, min_size: float) -> Tensor:
    """The indices of the boxes whose sides are that long."""
    wide = (boxes[:, 2] - boxes[:, 0]) >= min_size
    places: Any = (wide & ((boxes[:, 3] - boxes[:, 1]) >= min_size)).nonzero()
    rows: Tensor = places[:, 0]
    return rows


__all__ = ["batched_nms", "box_area", "box_iou", "clip_boxes_to_image", "nms", "remove_small_boxes"]
