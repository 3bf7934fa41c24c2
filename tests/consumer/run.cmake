# cmake -D way=find_package -D source=... -D build=... -D compiler=... -D generator=... -P run.cmake
# Installs pursuit where the way needs it, builds tests/consumer in that way, and runs it.
set(work ${build}/consumer/${way})
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code)
  if(code)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed (${code}): ${command}")
  endif()
endfunction()

if(NOT way STREQUAL "add_subdirectory")
  run(${CMAKE_COMMAND} --install ${build} --prefix ${work}/prefix)
endif()

if(way STREQUAL "pkg_config")
  set(ENV{PKG_CONFIG_PATH} ${work}/prefix/share/pkgconfig)
  execute_process(COMMAND pkg-config --cflags --libs pursuit
                  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  set(sources ${source}/tests/consumer/main.cpp ${source}/tests/consumer/other.cpp)
  run(${compiler} -std=c++20 ${sources} ${flags} -o ${work}/consumer)
  run(${work}/consumer)
else()
  run(${CMAKE_COMMAND} -S ${source}/tests/consumer/${way} -B ${work}/build -G ${generator}
      -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_PREFIX_PATH=${work}/prefix)
  run(${CMAKE_COMMAND} --build ${work}/build)
  run(${work}/build/consumer)
endif()
