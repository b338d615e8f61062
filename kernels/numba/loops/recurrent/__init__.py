"""Loops of recurrent cells."""
