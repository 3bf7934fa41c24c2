# SPDX-License-Identifier: MIT
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import load


class Pursuit(ConanFile):
    name = "pursuit"
    description = "Single-object visual tracking, header-only"
    license = "MIT"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_opencv": [True, False]}
    default_options = {"with_opencv": False, "fftw/*:precision_single": True, "fftw/*:precision_double": True}
    exports_sources = "CMakeLists.txt", "cmake/*", "include/*", "LICENSE"
    no_copy_source = True

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include/pursuit/core/version.hpp"))
        self.version = re.search(r'PURSUIT_VERSION_STRING "(.+)"', header).group(1)

    def requirements(self):
        self.requires("onednn/[>=2.6]", transitive_headers=True)
        self.requires("xtensor/[>=0.24]", transitive_headers=True)
        self.requires("eigen/[>=3.4]", transitive_headers=True)
        self.requires("fftw/3.3.10", transitive_headers=True)
        self.requires("nlohmann_json/[>=3.10]", transitive_headers=True)
        self.requires("libjpeg-turbo/[>=2.1]", transitive_headers=True)
        self.requires("libpng/[>=1.6]", transitive_headers=True)
        if self.options.with_opencv:
            self.requires("opencv/[>=4.5 <5]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["PURSUIT_BUILD_TESTS"] = False
        toolchain.cache_variables["PURSUIT_BUILD_EXAMPLES"] = False
        toolchain.generate()

    def build(self):
        CMake(self).configure()

    def package(self):
        CMake(self).install()

    def package_id(self):
        self.info.clear()

    def package_info(self):
        # pursuit's own CMake package is used, not one that Conan writes.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["share/cmake/pursuit"]
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
