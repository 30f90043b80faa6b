"""Pictures of a DOCX that Drive makes a Doc of.

Source: ECMA-376 part 1 (17.3.3.9 drawing, 20.1.8.13 blip)
"""

import io
import re
import zipfile
from typing import Final

from workspace_mcp.demo.docs.document import FakeDocument
from workspace_mcp.demo.docs.things import KEPT
from workspace_mcp.demo.docs.units import Unit

_POINT: Final = 12_700


def take_pictures(doc: FakeDocument, data: bytes) -> None:
    """Put the pictures of a DOCX at the start of a new Doc, in order."""
    tab = doc.tab()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        text = archive.read("word/document.xml").decode()
        links = (
            archive.read("word/_rels/document.xml.rels").decode()
            if "word/_rels/document.xml.rels" in names
            else ""
        )
        targets = dict(re.findall(r'Id="([^"]+)"[^>]*Target="([^"]+)"', links))
        sizes = re.findall(r'<wp:extent cx="(\d+)" cy="(\d+)"', text)
        found = re.findall(r'<a:blip r:embed="([^"]+)"', text)
        for number, (link, (wide, high)) in enumerate(zip(found, sizes, strict=True)):
            if f"word/{targets[link]}" not in names:
                continue
            key = f"kix.img{doc.number():08d}"
            size = {
                name: {"magnitude": int(length) / _POINT, "unit": "PT"}
                for name, length in (("width", wide), ("height", high))
            }
            tab.objects[key] = {
                "objectId": key,
                "inlineObjectProperties": {
                    "embeddedObject": {
                        "imageProperties": {"contentUri": f"{KEPT}{key}"}, "size": size,
                    }
                },
            }  # fmt: skip
            unit = Unit(kind="image", value={"inlineObjectId": key})
            tab.segment("").put(1 + number, unit)
