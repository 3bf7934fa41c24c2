# What pursuit is built on. The source tree and the installed package both include this file; it looks for each
# library, leaves in pursuit_missing what was not found, and prints nothing itself.
#
# Versions are compared here and not by find_package(): Eigen 3.4 refuses a version range, and oneDNN 3 refuses
# to stand in for a wanted 2.6, although pursuit compiles with both.
set(pursuit_missing "")

find_package(Threads QUIET)
if(NOT Threads_FOUND)
  list(APPEND pursuit_missing "threads (the C library's)")
endif()

# Loops are OpenMP. A compiler without it still builds the library, for one thread.
find_package(OpenMP QUIET COMPONENTS CXX)

find_package(dnnl CONFIG QUIET)
if(NOT dnnl_FOUND OR dnnl_VERSION VERSION_LESS 2.6)
  list(APPEND pursuit_missing "oneDNN 2.6 or newer (libdnnl-dev)")
endif()

find_package(xtensor CONFIG QUIET)
if(NOT xtensor_FOUND OR xtensor_VERSION VERSION_LESS 0.24)
  list(APPEND pursuit_missing "xtensor 0.24 or newer (libxtensor-dev)")
endif()

find_package(Eigen3 CONFIG QUIET)
if(NOT Eigen3_FOUND OR Eigen3_VERSION VERSION_LESS 3.4)
  list(APPEND pursuit_missing "Eigen 3.4 or newer (libeigen3-dev)")
endif()

find_package(nlohmann_json CONFIG QUIET)
if(NOT nlohmann_json_FOUND)
  list(APPEND pursuit_missing "nlohmann-json (nlohmann-json3-dev)")
endif()

find_package(PNG QUIET)
if(NOT PNG_FOUND)
  list(APPEND pursuit_missing "libpng (libpng-dev)")
endif()

# FFTW and TurboJPEG come without CMake packages on Debian.
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  foreach(module IN ITEMS fftw3f fftw3 libturbojpeg)
    if(NOT TARGET PkgConfig::pursuit_${module})
      pkg_check_modules(pursuit_${module} QUIET IMPORTED_TARGET GLOBAL ${module})
    endif()
  endforeach()
  if(NOT TARGET PkgConfig::pursuit_fftw3f OR NOT TARGET PkgConfig::pursuit_fftw3)
    list(APPEND pursuit_missing "FFTW 3 in single and double precision (libfftw3-dev)")
  endif()
  if(NOT TARGET PkgConfig::pursuit_libturbojpeg)
    list(APPEND pursuit_missing "TurboJPEG (libturbojpeg0-dev)")
  endif()
else()
  list(APPEND pursuit_missing "pkg-config (pkg-config)")
endif()
