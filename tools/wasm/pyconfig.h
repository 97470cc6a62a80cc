/* What CPython's headers (limited API) must know of wasm32-emscripten as Pyodide 0.29 builds it. It is forced in before
 * everything else and defines Py_PYCONFIG_H, so the host's own pyconfig.h is skipped. */
#ifndef Py_PYCONFIG_H
#define Py_PYCONFIG_H

#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_FLOAT 4
#define SIZEOF_DOUBLE 8
#define SIZEOF_VOID_P 4
#define SIZEOF_SIZE_T 4
#define SIZEOF_WCHAR_T 4
#define SIZEOF_TIME_T 8
#define SIZEOF_OFF_T 8
#define SIZEOF_FPOS_T 16
#define SIZEOF_UINTPTR_T 4
#define SIZEOF_PTHREAD_T 4
#define SIZEOF__BOOL 1
#define ALIGNOF_LONG 4
#define ALIGNOF_SIZE_T 4
#define STDC_HEADERS 1
#define HAVE_STDINT_H 1
#define HAVE_INTTYPES_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_SYS_TIME_H 1
#define HAVE_SYS_STAT_H 1
#define HAVE_UNISTD_H 1
#define HAVE_WCHAR_H 1
#define HAVE_STDARG_PROTOTYPES 1
#define HAVE_LONG_DOUBLE 1
#define HAVE_DYNAMIC_LOADING 1
#define WITH_DOC_STRINGS 1
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#endif
