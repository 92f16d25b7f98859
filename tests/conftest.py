"""What all tests share: where the real recordings are, if they are there."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# The machines that run this are shared: a slow example says nothing about the code.
settings.register_profile("heartkit", deadline=None)
settings.load_profile("heartkit")

# A shell's background job ignores Ctrl-C, and so do its children: tests that press it would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings in their publishers' layout; skips where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("HEARTKIT_TEST_DATA", default))
    if not (folder / "ludb").is_dir():
        pytest.skip(f"real recordings are not here: {folder} (set HEARTKIT_TEST_DATA)")
    return folder


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[str]:
    """Two nodes on this machine, of one processor each; nothing is reported to anybody, and there is no dashboard."""
    cluster_utils = pytest.importorskip("ray.cluster_utils")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))  # a node has its own packages, and needs these
        small = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 * 2**20}
        cluster = cluster_utils.Cluster(initialize_head=True, head_node_args=small)
        try:
            cluster.add_node(**small)
            yield cluster.address
        finally:
            cluster.shutdown()
