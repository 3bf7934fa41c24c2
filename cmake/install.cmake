# What `cmake --install` puts where: headers, the CMake package, pursuit.pc.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/pursuit)  # header-only: the same on every architecture
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/pursuit-config.cmake.in pursuit-config.cmake
                              INSTALL_DESTINATION ${package_dir})
# Below 1.0 a minor version may change the interface.
write_basic_package_version_file(pursuit-config-version.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_INCLUDEDIR BASE_DIRECTORY "\${prefix}" OUTPUT_VARIABLE pursuit_pc_includedir)
# Relative, so that the installed tree can be moved, and `cmake --install --prefix` is right.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_DATADIR}/pkgconfig
           OUTPUT_VARIABLE pursuit_pc_prefix)
configure_file(${CMAKE_CURRENT_LIST_DIR}/pursuit.pc.in pursuit.pc @ONLY)

install(TARGETS pursuit EXPORT pursuit-targets FILE_SET HEADERS FILE_SET parts)
install(EXPORT pursuit-targets NAMESPACE pursuit:: DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/pursuit-config.cmake ${PROJECT_BINARY_DIR}/pursuit-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/pursuit-dependencies.cmake ${CMAKE_CURRENT_LIST_DIR}/pursuit-parts.cmake
        DESTINATION ${package_dir})
install(FILES ${PROJECT_BINARY_DIR}/pursuit.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
