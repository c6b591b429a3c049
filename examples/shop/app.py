"""A small shop: it lists its goods, shows thumbnails of them, and asks a supplier for prices."""

from __future__ import annotations

import io
import os

import requests
from flask import Flask, Response, render_template_string
from PIL import Image

app = Flask(__name__)
GOODS = {"anchor": "#31485e", "rope": "#b59a6d", "lantern": "#d9a441"}
PAGE = """<!doctype html><title>Shop</title><ul>
{% for name in goods %}<li><img src="/thumbnail/{{ name }}" alt=""> {{ name }}</li>{% endfor %}</ul>"""


@app.get("/")
def index() -> str:
    return render_template_string(PAGE, goods=GOODS)


@app.get("/thumbnail/<name>")
def thumbnail(name: str) -> Response:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), GOODS.get(name, "#888888")).save(out, "PNG")
    return Response(out.getvalue(), mimetype="image/png")


@app.get("/price/<name>")
def price(name: str) -> dict[str, object]:
    supplier = os.environ["SUPPLIER_URL"]
    return {"name": name, "price": requests.get(f"{supplier}/{name}", timeout=5).json()}
