"""Make the demonstration deliveries: `python -m data.holdings TARGET [--small] [--only NAME] [--faults]`."""

from pathlib import Path

import click

from data.holdings.deliveries import PLANS, make_all, make_faults
from data.holdings.fonts import FontsMissing


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.option("--small", is_flag=True, help="Small images, as they are kept in data/deliveries.")
@click.option(
    "--only",
    "names",
    multiple=True,
    type=click.Choice([plan.name for plan in PLANS]),
    help="Make only this delivery; may be repeated.",
)
@click.option("--faults", is_flag=True, help="Make the deliveries with one fault each instead.")
def main(target: Path, *, small: bool, names: tuple[str, ...], faults: bool) -> None:
    """Draw the demonstration deliveries into TARGET. What is there and up to date is not made again."""
    try:
        if faults:
            for path in make_faults(target):
                click.echo(f"  {path.name}")
            return
        total = len(names or PLANS)
        for count, made in enumerate(
            make_all(target, small=small, names=names, begun=lambda name: click.echo(f"  drawing {name} …")), 1
        ):
            done = f"made in {made.seconds:.1f} s" if made.seconds else "up to date"
            click.echo(f"  [{count}/{total}] {made.name}: {done}")
    except FontsMissing as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
