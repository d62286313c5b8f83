"""One part in a process of its own: what another part left in memory and in caches must not tell in its figures."""

import json
import subprocess
import sys
from dataclasses import asdict
from importlib import import_module

from bench.measure import Result


def measured(part):
    """The results of a part.

    Raises:
        CalledProcessError: the part could not be measured; it has said why on standard error.
    """
    done = subprocess.run([sys.executable, "-m", "bench.alone", part], check=True, stdout=subprocess.PIPE)
    return [Result(**values) for values in json.loads(done.stdout)]


if __name__ == "__main__":
    results = [asdict(result) for result in import_module(f"bench.{sys.argv[1]}").measurements()]
    json.dump(results, sys.stdout)
