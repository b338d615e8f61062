"""Recurrent layers, compiled: all steps of some sequences in one call, the weights of h packed before in panels.

products.py     the products of all steps by BLAS, and panels        lstm.py, gru.py, rnn.py    the versions
sequences.py    when they fit, how sequences are given to threads, gradients of what all steps share
"""
