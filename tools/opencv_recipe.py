"""How the slim cv2 is made: everything here decides its bytes, so this file is part of the key of the finished wheel.

What does not (where the tool chain comes from, progress, the check of the headers) is in build_cv2.py: an edit there must not
cost everybody a compilation of minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import sysconfig
import tarfile
import zipfile
from pathlib import Path

from children import run
from patch_opencv import patch_opencv
from steps import BUILD, ROOT, BuildError
from wheel_file import TAG, write_wheel

WASM = ROOT / "tools" / "wasm"
TARGET = "opencv_python3"
EXTENSION = "cv2.cpython-313-wasm32-emscripten.so"
CXXFLAGS = (
    "-O2 -DNDEBUG -D__EMSCRIPTEN_major__=4 -D__EMSCRIPTEN_minor__=0 -D__EMSCRIPTEN_tiny__=9 -fPIC -fwasm-exceptions -msimd128 "
    "-mbulk-memory -mnontrapping-fptoint -fvisibility=hidden -ffunction-sections -fdata-sections -w"
)
OFF = """ENABLE_PIC OPENCV_PYTHON3_VERSION CV_TRACE BUILD_opencv_python2 BUILD_opencv_js BUILD_opencv_java BUILD_opencv_apps BUILD_TESTS
BUILD_PERF_TESTS BUILD_EXAMPLES BUILD_DOCS BUILD_PACKAGE BUILD_ZLIB BUILD_ITT WITH_ITT WITH_IPP WITH_OPENCL WITH_LAPACK WITH_EIGEN WITH_TBB
WITH_OPENMP WITH_PTHREADS_PF WITH_1394 WITH_FFMPEG WITH_GSTREAMER WITH_GTK WITH_V4L WITH_VTK WITH_ADE WITH_QUIRC WITH_PROTOBUF WITH_JPEG
WITH_PNG WITH_TIFF WITH_WEBP WITH_OPENJPEG WITH_JASPER WITH_OPENEXR WITH_AVIF WITH_IMGCODEC_HDR WITH_IMGCODEC_SUNRASTER WITH_IMGCODEC_PXM
WITH_IMGCODEC_PFM WITH_OPENVX WITH_HALIDE WITH_VULKAN WITH_OPENGL WITH_CAROTENE WITH_FLATBUFFERS WITH_KLEIDICV WITH_NDSRVP ENABLE_CCACHE
ENABLE_PRECOMPILED_HEADERS OPENCV_GENERATE_SETUPVARS BUILD_SHARED_LIBS""".split()
ON = "CV_ENABLE_INTRINSICS OPENCV_DISABLE_THREAD_SUPPORT OPENCV_DISABLE_FILESYSTEM_SUPPORT BUILD_opencv_python3 PYTHON3_LIMITED_API OPENCV_SKIP_PYTHON_LOADER OPENCV_PYTHON_SKIP_LINKER_EXCLUDE_LIBS".split()
CONFIG_SITE = """#ifndef _LIBCPP___CONFIG_SITE
#define _LIBCPP___CONFIG_SITE
#define _LIBCPP_ABI_VERSION 2
#define _LIBCPP_ABI_NAMESPACE __2
#define _LIBCPP_HAS_MUSL_LIBC
#define _LIBCPP_HAS_NO_VENDOR_AVAILABILITY_ANNOTATIONS
#define _LIBCPP_PSTL_BACKEND_SERIAL
#define _LIBCPP_HAS_NO_TIME_ZONE_DATABASE
#define _LIBCPP_HARDENING_MODE_DEFAULT 2
#endif
"""


def prepare(work: Path, tools: Path, sdist: Path, numpy_wheel: Path) -> None:
    """Sources with our corrections, and all headers."""
    with tarfile.open(sdist) as archive:
        archive.extractall(work / "unpacked", filter="data")
    next((work / "unpacked").iterdir()).rename(work / "source")
    patch_opencv(work / "source" / "opencv")
    make_sysroot(tools, work / "sysroot")
    python_headers(work / "python")
    with zipfile.ZipFile(numpy_wheel) as wheel:
        wheel.extractall(work / "numpy", [name for name in wheel.namelist() if name.startswith("numpy/_core/include/")])


def environment_of(work: Path, tools: Path) -> dict[str, str]:
    """What toolchain.cmake and the compiler of another Debian package want to know."""
    llvm = tools / "usr/lib/llvm-19"
    return os.environ | {
        "LD_LIBRARY_PATH": f"{tools}/usr/lib/x86_64-linux-gnu:{llvm}/lib",
        "SEGMARK_LLVM": f"{llvm}/bin",
        "SEGMARK_SYSROOT": f"{work}/sysroot",
        "SEGMARK_CXXFLAGS": f"{CXXFLAGS} -ffile-prefix-map={work}=opencv",
    }


def make_sysroot(tools: Path, out: Path) -> None:
    """Headers whose ABI is the main module's."""
    shutil.copytree(tools / "usr/share/emscripten/cache/sysroot/include", out / "include", symlinks=True)
    libcxx = out / "include/c++/v1"
    shutil.rmtree(libcxx, ignore_errors=True)
    shutil.copytree(tools / "usr/lib/llvm-19/include/c++/v1", libcxx)
    (libcxx / "__config_site").write_text(CONFIG_SITE)
    replace_once(out / "include/bits/alltypes.h", "typedef long time_t;", "typedef _Int64 time_t;")
    replace_once(
        libcxx / "__configuration/abi.h",
        "#  define _LIBCPP_ABI_OPTIMIZED_FUNCTION",
        "// #  define _LIBCPP_ABI_OPTIMIZED_FUNCTION",
    )


def replace_once(path: Path, old: str, new: str) -> None:
    """An edit that must find its place, or the build stops."""
    text = path.read_text()
    if old not in text:
        raise BuildError(f"{path.name} is not what the OpenCV build expects ('{old}' is not in it)")
    path.write_text(text.replace(old, new))


def python_headers(out: Path) -> None:
    """The host's CPython headers with our wasm32 configuration."""
    shutil.copytree(sysconfig.get_paths()["include"], out, symlinks=False)
    shutil.copyfile(WASM / "pyconfig.h", out / "pyconfig.h")


def configure(work: Path, tools: Path, environment: dict[str, str]) -> None:
    """CMake: only core, imgproc and the Python bindings; everything optional off."""
    python = sysconfig.get_paths()["include"]
    if not Path(python, "Python.h").exists():
        raise BuildError("Python.h is missing: run ./build.sh setup")
    options = dict.fromkeys(OFF, "OFF") | dict.fromkeys(ON, "ON")
    options |= {
        "CMAKE_TOOLCHAIN_FILE": str(WASM / "toolchain.cmake"),
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_CXX_FLAGS_RELEASE": "",
        "CMAKE_C_FLAGS_RELEASE": "",
        "BUILD_LIST": "core,imgproc,python3",
        "CPU_BASELINE": "",
        "CPU_DISPATCH": "",
        "PYTHON_DEFAULT_EXECUTABLE": sysconfig.get_config_var("BINDIR") + "/python3",
        "PYTHON3_EXECUTABLE": sysconfig.get_config_var("BINDIR") + "/python3",
        "PYTHON3_INCLUDE_DIR": f"{work}/python",
        "PYTHON3_INCLUDE_PATH": f"{work}/python",
        "PYTHON3_LIBRARY": "/dev/null",
        "PYTHON3_LIBRARIES": "",
        "PYTHON3_VERSION_MAJOR": "3",
        "PYTHON3_VERSION_MINOR": "13",
        "PYTHON3_LIMITED_API_VERSION": "0x03060000",
        "PYTHON3_NUMPY_INCLUDE_DIRS": f"{work}/numpy/numpy/_core/include",
        "PYTHON3_CVPY_SUFFIX": EXTENSION.removeprefix("cv2"),
        "PYTHON3_PACKAGES_PATH": "python",
    }
    command = [
        "cmake",
        "-G",
        "Ninja",
        "-S",
        f"{work}/source/opencv",
        "-B",
        f"{work}/build",
        *(f"-D{k}={v}" for k, v in options.items()),
    ]
    run(command, log=BUILD / "log" / "cv2-configure.log", env=environment)
    info = work / "build/modules/core/version_string.inc"
    info.write_text(impersonal(info.read_text(), {str(work): "opencv", str(tools): "llvm"}))


def impersonal(information: str, folders: dict[str, str]) -> str:
    """OpenCV's build information without time, host and folders: the wheel must not tell where it was made."""
    for folder, name in folders.items():
        information = information.replace(folder, name)
    private = re.compile(r"Timestamp:|Host:|Interpreter:|Python \(for build\):|Install to:|CMake:|/home/|/root" + "/")
    return "".join(line for line in information.splitlines(keepends=True) if not private.search(line))


def pack_wheel(work: Path, version: str, out: Path) -> Path:
    """The wheel of what was compiled."""
    info = f"opencv_python-{version}.dist-info"
    files = {
        EXTENSION: (work / "build/lib/python3" / EXTENSION).read_bytes(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: opencv-python\nVersion: {version}\nSummary: OpenCV for Pyodide: core and imgproc only, SIMD\nLicense: Apache-2.0\nRequires-Dist: numpy\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: segmark\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode(),
    }
    for name in ("LICENSE.txt", "LICENSE-3RD-PARTY.txt"):
        files[f"{info}/licenses/{name}"] = (work / "source" / name).read_bytes()
    return write_wheel(out / f"opencv_python-{version}-{TAG}.whl", files, info)
