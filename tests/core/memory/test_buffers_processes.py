"""The buffer pool at the ends of its life: the interpreter's end, and a Python whose reference counts mean nothing."""

import subprocess
import sys
import textwrap


def run_python(code):
    """What a fresh interpreter prints, errors included; not that it compiles loops, which depends on the cache."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True, timeout=300
    )
    said = [line for line in done.stderr.splitlines(keepends=True) if not line.startswith("xdl: compiling loops")]
    return done.stdout + "".join(said)


def test_arrays_that_live_until_the_interpreter_ends():
    out = run_python("""
        import xdl
        from xdl.kernels.common import buffers
        kept = [buffers.empty((1 << 20,), "f4") for _ in range(3)]
        class Holder: pass
        holder = Holder(); holder.me = holder; holder.x = buffers.empty((1 << 20,), "f4")
        import sys; sys.kept = kept[0][3:]
        print("done")
    """)
    assert out == "done\n"


TRAINING = """
    import sys
    {plant}
    import xdl
    from xdl import nn
    net = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1),
        nn.GELU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16 * 16 * 16, 10))
    x, t = xdl.randn(16, 3, 32, 32), xdl.randint(0, 10, (16,))
    step = xdl.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        step.zero_grad()
        loss = xdl.functional.cross_entropy(net(x), t)
        loss.backward()
        step.step()
        print(loss.item().hex())
"""


def test_no_reference_count_is_read():
    plants = ("", "sys.getrefcount = lambda x: 3", "sys.getrefcount = lambda x: 10**9", "del sys.getrefcount")
    plain, *others = [run_python(TRAINING.format(plant=plant)) for plant in plants]
    assert len(plain.splitlines()) == 3
    assert others == [plain] * 3
