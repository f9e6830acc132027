"""Writing ALTO 4.4: the words of a page with the boxes of their ink (pixels of the image beside it)."""

from lxml import etree

from server.model.text import Block, Box, Hyphen

NS = "http://www.loc.gov/standards/alto/ns-v4#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = f"{NS} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"


def _place(box: Box) -> dict[str, str]:
    return {"HPOS": str(box.x), "VPOS": str(box.y), "WIDTH": str(box.width), "HEIGHT": str(box.height)}


def alto(image: str, width: int, height: int, blocks: list[Block], number: int, language: str = "fr") -> bytes:
    """Return the ALTO file of one page. The hyphen of a broken word is a HYP after its first half."""
    root = etree.Element(f"{{{NS}}}alto", nsmap={None: NS, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", SCHEMA)

    def add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
        made = etree.SubElement(parent, f"{{{NS}}}{tag}", attributes)
        made.text = text or None
        return made

    description = add(root, "Description")
    add(description, "MeasurementUnit", "pixel")
    source = add(description, "sourceImageInformation")
    add(source, "fileName", image)
    step = add(description, "Processing", ID="OCR_1")
    software = add(step, "processingSoftware")
    add(software, "softwareName", "vitrine demonstration holdings")
    layout = add(root, "Layout")
    page = add(
        layout,
        "Page",
        ID=f"PAGE{number}",
        PHYSICAL_IMG_NR=str(number),
        WIDTH=str(width),
        HEIGHT=str(height),
        LANG=language,
    )
    space = add(page, "PrintSpace", HPOS="0", VPOS="0", WIDTH=str(width), HEIGHT=str(height))
    for block in blocks:
        text_block = add(space, "TextBlock", ID=block.identifier, **_place(block.box))
        for row, line in enumerate(block.lines, 1):
            text_line = add(text_block, "TextLine", ID=f"{block.identifier}_l{row}", **_place(line.box))
            for column, word in enumerate(line.words, 1):
                if column > 1:
                    before = line.words[column - 2].box
                    gap = before.x + before.width
                    add(text_line, "SP", HPOS=str(gap), VPOS=str(line.box.y), WIDTH=str(max(0, word.box.x - gap)))
                string = {"CONTENT": word.content, **_place(word.box), "WC": "0.99"}
                if word.hyphen is not None:
                    string["SUBS_TYPE"] = "HypPart1" if word.hyphen is Hyphen.FIRST else "HypPart2"
                    string["SUBS_CONTENT"] = word.whole
                add(text_line, "String", ID=f"{block.identifier}_l{row}_w{column}", **string)
                if word.hyphen is Hyphen.FIRST:
                    end = word.box.x + word.box.width
                    rest = {"HPOS": str(end), "VPOS": str(line.box.y), "WIDTH": str(line.box.x + line.box.width - end)}
                    add(text_line, "HYP", CONTENT="-", **rest)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
