"""Threads: one pool for the whole process, and the number of threads of BLAS."""

from xdl.threads.blas import hold_blas as hold_blas
from xdl.threads.blas import libraries as libraries
from xdl.threads.blas import release_blas as release_blas
from xdl.threads.blas import set_blas_threads as set_blas_threads
from xdl.threads.blas import use_chosen_threads as use_chosen_threads
from xdl.threads.count import get_num_threads as get_num_threads
from xdl.threads.pool import Part as Part
from xdl.threads.pool import inside_part as inside_part
from xdl.threads.pool import on_change as on_change
from xdl.threads.pool import parallel as parallel
from xdl.threads.pool import serial as serial
from xdl.threads.pool import set_alone as set_alone
from xdl.threads.pool import set_num_threads as set_num_threads
from xdl.threads.pool import waiting as waiting
from xdl.threads.pool import wake as wake
from xdl.threads.pool import work_alone as work_alone
