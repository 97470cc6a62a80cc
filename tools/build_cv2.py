"""Build a slim cv2 (core + imgproc, SIMD) for Pyodide 0.29 from the pinned PyPI sdist; the wheel is cached by its inputs.

Three things must fit Pyodide's main module, or memory is corrupted without a word:
- libc++ headers of the same release (19) and configuration as the main module's: Debian's `libc++-19-dev` with Emscripten's
  `__config_site` (ABI 2, inline namespace `__2`) and its classic `std::function`;
- musl headers of Emscripten (Debian's 3.1.6 has them) with a 64-bit `time_t`, as Emscripten 4 has;
- CPython through the limited API with a wasm32 `pyconfig.h`.
The tool chain is unpacked from Debian packages into the cache (apt checks their signatures), nothing is installed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from children import run
from patch_opencv import patch_opencv
from registry import download, pins, pyodide_wheels
from steps import BUILD, ROOT, BuildError, cached, key_of, main, say

WASM = ROOT / "tools" / "wasm"
PACKAGES = [
    "clang-19",
    "lld-19",
    "llvm-19",
    "libllvm19",
    "libclang-cpp19",
    "libclang-common-19-dev",
    "libz3-4",
    "libc++-19-dev",
    "emscripten",
]
TAG = "cp313-cp313-pyodide_2025_0_wasm32"
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


def toolchain() -> Path:
    """clang-19, wasm-ld-19 and the header packages, unpacked."""
    try:
        return _unpacked(candidates())
    except (
        BuildError
    ):  # a new machine has no package lists, an old one may have lists that name packages no longer there
        say("OpenCV: the package lists are read anew")
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        subprocess.run([*sudo, "apt-get", "update", "-qq"], capture_output=True, check=False)
        return _unpacked(candidates())


def candidates() -> list[str]:
    """The versions that apt would fetch, in the order of PACKAGES.

    They are pinned no further: Debian 12 keeps emscripten at 3.1.6 and LLVM at 19.1, apt checks every package against the
    archive's signed index, and `abi_check.cpp` refuses headers that lay out memory in another way.
    """
    policy = subprocess.run(["apt-cache", "policy", *PACKAGES], capture_output=True, text=True, check=False).stdout
    versions = re.findall(r"Candidate: (\S+)", policy)
    if len(versions) != len(PACKAGES) or "(none)" in versions:
        raise BuildError(f"Debian's archive does not offer all of: {' '.join(PACKAGES)}")
    return versions


def _unpacked(versions: list[str]) -> Path:
    def make(folder: Path) -> None:
        debs = folder / "debs"
        debs.mkdir()
        names = [f"{name}={version}" for name, version in zip(PACKAGES, versions, strict=True)]
        run(
            ["apt-get", "-o", "APT::Sandbox::User=root", "download", *names],
            log=BUILD / "log" / "cv2-toolchain.log",
            cwd=debs,
            reason="apt-get could not download the compiler for OpenCV (clang-19 and its headers)",
        )
        for deb in sorted(debs.glob("*.deb")):
            run(["dpkg", "-x", deb, folder])
        shutil.rmtree(debs)

    return cached("llvm19", key_of(*PACKAGES, *versions), make)


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


def check_abi(environment: dict[str, str]) -> None:
    """Compile the assertions about the headers' layout."""
    compiler = [f"{environment['SEGMARK_LLVM']}/clang++", "--target=wasm32-unknown-emscripten"]
    sysroot = f"--sysroot={environment['SEGMARK_SYSROOT']}"
    run(
        [*compiler, sysroot, *environment["SEGMARK_CXXFLAGS"].split(), "-fsyntax-only", WASM / "abi_check.cpp"],
        log=BUILD / "log" / "cv2-abi.log",
        env=environment,
        reason="the C++ headers do not match Pyodide's main module, and OpenCV built with them would corrupt memory",
    )


def pack_wheel(extension: Path, source: Path, version: str, out: Path) -> Path:
    """A wheel with fixed timestamps, so that equal inputs give equal bytes."""
    info = f"opencv_python-{version}.dist-info"
    files = {
        EXTENSION: extension.read_bytes(),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: opencv-python\nVersion: {version}\nSummary: OpenCV for Pyodide: core and imgproc only, SIMD\nLicense: Apache-2.0\nRequires-Dist: numpy\n".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: segmark\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode(),
    }
    for name in ("LICENSE.txt", "LICENSE-3RD-PARTY.txt"):
        files[f"{info}/licenses/{name}"] = (source / name).read_bytes()
    return write_wheel(out / f"opencv_python-{version}-{TAG}.whl", files, info)


def write_wheel(path: Path, files: dict[str, bytes], info: str) -> Path:
    """Write a wheel's zip with its RECORD."""
    record = []
    for name, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{name},sha256={digest},{len(data)}")
    files = files | {f"{info}/RECORD": ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()}
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            wheel.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return path


def _prepare(work: Path, tools: Path, sdist: Path) -> None:
    say("OpenCV: unpacking and patching")
    with tarfile.open(sdist) as archive:
        archive.extractall(work / "unpacked", filter="data")
    next((work / "unpacked").iterdir()).rename(work / "source")
    patch_opencv(work / "source" / "opencv")
    make_sysroot(tools, work / "sysroot")
    python_headers(work / "python")
    with zipfile.ZipFile(next(pyodide_wheels().glob("numpy-*.whl"))) as wheel:
        wheel.extractall(work / "numpy", [name for name in wheel.namelist() if name.startswith("numpy/_core/include/")])


def _maker(sdist: Path, tools: Path) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        work = folder / "work"
        work.mkdir()
        _prepare(work, tools, sdist)
        llvm = tools / "usr/lib/llvm-19"
        environment = os.environ | {
            "LD_LIBRARY_PATH": f"{tools}/usr/lib/x86_64-linux-gnu:{llvm}/lib",
            "SEGMARK_LLVM": f"{llvm}/bin",
            "SEGMARK_SYSROOT": f"{work}/sysroot",
            "SEGMARK_CXXFLAGS": f"{CXXFLAGS} -ffile-prefix-map={work}=opencv",
        }
        check_abi(environment)
        say("OpenCV: configuring")
        configure(work, tools, environment)
        say("OpenCV: compiling (several minutes; build/log/cv2-compile.log)")
        jobs = str(os.cpu_count() or 2)
        run(
            ["ninja", "-j", jobs, "-C", work / "build", "opencv_python3"],
            log=BUILD / "log" / "cv2-compile.log",
            env=environment,
        )
        pack_wheel(work / "build/lib/python3" / EXTENSION, work / "source", pins()["opencv"]["version"], folder)
        shutil.rmtree(work)

    return make


def build_cv2() -> Path:
    """The wheel's path in the cache."""
    pin = pins()["opencv"]
    sdist = download(pin["project"], pin["file"], pin["sha256"])
    tools = toolchain()
    inputs = [
        WASM / "toolchain.cmake",
        WASM / "Platform" / "Emscripten.cmake",
        WASM / "pyconfig.h",
        WASM / "abi_check.cpp",
        ROOT / "tools" / "patch_opencv.py",
        ROOT / "tools" / "build_cv2.py",
    ]
    key = key_of(pin["sha256"], tools.name, CXXFLAGS, CONFIG_SITE, " ".join(OFF + ON), TAG, *inputs)
    return next(cached("opencv", key, _maker(sdist, tools)).glob("*.whl"))


if __name__ == "__main__":
    main(lambda: print(build_cv2()))
