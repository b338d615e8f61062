"""Whole steps as one call to the device."""

from xdl.capture.step import Captured as Captured
from xdl.capture.step import Graph as Graph
from xdl.capture.step import capture as capture
