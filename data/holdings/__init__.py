"""The demonstration holdings: deliveries drawn by program that look like digitised documents of the North of France.

Run `python -m data.holdings TARGET [--small]`. Every document says that it is a demonstration document, in its
description and discreetly on an image. The same seed gives the same bytes (same versions of Pillow, numpy and fonts).

    fonts, paper, typesetting      type, stock and ink, lines of text with their boxes
    scenery, scenes, mills         drawn views: a square, a landscape, a skyline of mills, a spinning hall; engraving
    ground, drafting, furniture    what the plan is drawn with
    prints, script                 photographic prints, handwriting
    columns, gazette, library      making up a newspaper, its news, the texts in the public domain
    newspaper, book, register      drawn; press and bound deliver them as METS with MODS and ALTO
    plan, postcard, letter, photograph, poster    drawn; single delivers them as tables with images
    alto, mets, folders            what a supplier writes beside the images
    deliveries, faults             which documents go into which delivery; deliveries with one fault each

It may import `server.model` and nothing else of the server; nothing in the server imports it.
"""
