"""`samjax push`: publish weights with their model card in a repository of a hub."""

import argparse

from samjax.commands.card import add_licence

SUMMARY = "Publish a work folder's weights, with their model card, in a repository of a hub."
EXAMPLE = """\
  samjax push runs/osie_small hf:OWNER/osie-small --licence apache-2.0
  samjax predict --weights hf:OWNER/osie-small photo.jpg

It needs pip install 'samjax[hub]' and a token with the permission to write (`hf auth login`, or
HF_TOKEN). The repository is made if it is not there, and gets one commit with model.safetensors and
README.md. HF_ENDPOINT chooses another hub than huggingface.co."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add = parser.add_argument
    add("source", metavar="WORKDIR", help="a work folder, or a weight file")
    add("destination", metavar="hf:OWNER/NAME", help="the repository")
    add_licence(parser)
    add("--private", action="store_true", help="make a new repository a private one")
    add("--dtype", default="float32", metavar="T", help="float32 or float16 (%(default)s)")
    add("--message", default="Weights and model card", help="of the commit (%(default)s)")


def run(args: argparse.Namespace) -> int:
    """Publish the weights, and print the commit's address and how to use it.

    Raises:
        UserError: The weights cannot be read, or the hub does not take them; the line says why.
    """
    import tempfile
    from dataclasses import replace
    from pathlib import Path

    from samjax import weights
    from samjax.console.log import log
    from samjax.errors import UserError
    from samjax.weights import hub

    reference = hub.parse(args.destination)
    hub.check_upload(reference)
    # Imported only now: they take seconds, and a wrong name or token should be told at once.
    from samjax.prediction.choice import read_choice
    from samjax.report.card_facts import collect, stored_as
    from samjax.report.card_page import render

    loaded = read_choice(args.source)
    if loaded.kind != "sam":
        raise UserError(f"{args.source} holds a backbone only; push a whole network")
    name = reference.repository.split("/")[1]
    facts = collect(args.source, loaded, name=name, licence=args.licence)
    loaded = replace(loaded, card=stored_as(facts, args.dtype))
    with tempfile.TemporaryDirectory(prefix="samjax-push-") as folder:
        path = Path(folder) / hub.FILE
        weights.save(path, loaded, args.dtype)
        card = render(loaded.card, loaded, use=str(reference), size=path.stat().st_size)
        log(f"pushing {path.stat().st_size / 2**20:.1f} MiB to {reference}")
        private = True if args.private else None
        commit = hub.upload(reference, path, card, private=private, message=args.message)
    print(commit.address)
    print(f"samjax predict --weights {reference}@{commit.name} photo.jpg")
    return 0
