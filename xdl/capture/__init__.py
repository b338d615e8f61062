"""Whole steps as one call."""

from xdl.capture.captured import Captured as Captured
from xdl.capture.step import begin as begin
from xdl.capture.step import capture as capture
