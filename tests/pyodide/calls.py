"""Calls of OpenCV on fixed inputs, run natively and inside Pyodide; each gives arrays or numbers to compare."""

import cv2
import numpy as np


def inputs():
    """A smooth pattern as uint8, float32 and binary."""
    y, x = np.mgrid[0:200, 0:240].astype(np.float64)
    field = np.sin(x / 17) * np.cos(y / 11) + np.sin((x + y) / 29)
    grey = np.clip((field + 2) * 60, 0, 255).astype(np.uint8)
    return grey, field.astype(np.float32), (field > 0.3).astype(np.uint8)


def results():
    """Name -> nested lists; floats rounded to what both builds must agree on."""
    grey, field, binary = inputs()
    colour = np.ascontiguousarray(np.stack([grey, 255 - grey, grey // 2], -1))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    contours = cv2.findContours(binary, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)[0]
    filled = grey.copy()
    cv2.floodFill(filled, None, (10, 10), 128, 6, 6)
    drawn = np.zeros_like(grey)
    cv2.polylines(drawn, [max(contours, key=len)], True, 200, 3)
    return {
        "resize_linear": cv2.resize(grey, (111, 97)),
        "resize_area": cv2.resize(colour, (100, 80), interpolation=cv2.INTER_AREA),
        "resize_cubic": cv2.resize(field, (300, 300), interpolation=cv2.INTER_CUBIC),
        "gaussian_u8": cv2.GaussianBlur(grey, (0, 0), 2),
        "gaussian_f32": cv2.GaussianBlur(field, (0, 0), 2),
        "median": cv2.medianBlur(grey, 5),
        "bilateral": cv2.bilateralFilter(grey, 5, 30, 5),
        "open": cv2.morphologyEx(binary, cv2.MORPH_OPEN, kernel),
        "close": cv2.morphologyEx(binary, cv2.MORPH_CLOSE, kernel),
        "components": cv2.connectedComponents(binary)[1],
        "stats": cv2.connectedComponentsWithStats(binary)[2],
        "distance": cv2.distanceTransform(binary, cv2.DIST_L2, 5),
        "contour_points": np.array([len(c) for c in contours]),
        "flood": filled,
        "lines": drawn,
        "otsu": cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)[1],
        "adaptive": cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 15, 3),
        "canny": cv2.Canny(grey, 40, 90),
        "sobel": cv2.Sobel(field, cv2.CV_32F, 1, 0),
        "lab": cv2.cvtColor(colour, cv2.COLOR_BGR2LAB),
        "clahe": cv2.createCLAHE(2.0, (4, 4)).apply(grey),
        "negative_round": cv2.convertScaleAbs(field, alpha=-40.5, beta=0.5),
        "saturate": cv2.subtract(grey, 100),
    }


def error_name():
    """The exception that a bad call raises."""
    try:
        cv2.resize(inputs()[0], (0, 0))
    except cv2.error:
        return "cv2.error"
    return "none"
