"""The demonstration holdings: deliveries drawn by program that look like digitised documents of the North of France.

Run `python -m data.holdings TARGET [--small]`. Every document says that it is a demonstration document, in its
description and discreetly on an image. The same seed gives the same bytes (same versions of Pillow, numpy and fonts).

    fonts, paper, typesetting      type, stock and ink, lines of text with their boxes
    scenes                         drawn views: a square, a spinning hall, a skyline of mills
    newspaper book register        documents delivered as METS with MODS and ALTO
    plan postcard letter photograph poster    documents delivered as tables with images
    alto mets tables bags          what a supplier writes beside the images
    deliveries, faults             which documents go into which delivery; deliveries with one fault each

It may import `server.model` and nothing else of the server; nothing in the server imports it.
"""
