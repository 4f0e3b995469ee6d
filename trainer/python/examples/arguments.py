"""What every example is told on its command line."""

import argparse


def parser(description: str | None, saves: bool = True) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("run")
    made.add_argument("--sampler", help="host:port; default: DYADIC_SAMPLER, else 127.0.0.1:7070")
    made.add_argument("--steps", type=int, default=100, help="where to end, counted from the run's first step")
    if saves:
        made.add_argument("--checkpoint", required=True, help="where the training is saved, and goes on from if it is there")
    return made
