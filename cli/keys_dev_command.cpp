// Apart from keys_dev.cpp, so that its tests need not compile the command line parser.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/keys_dev.hpp"

namespace mpic::cli {

void add_keys_dev(CLI::App& keys) {
  CLI::App* dev = keys.add_subcommand("dev", "Make a development CA, certificates and signing keys");
  // Lives as long as the callback that holds it.
  const auto options = std::make_shared<KeysDevOptions>();
  dev->add_option("directory", options->directory, "Where to put them; made if missing")->required()->type_name("DIR");
  dev->add_option("--coordinator", options->coordinator, "Name of the coordinator")
      ->type_name("NAME")
      ->capture_default_str();
  dev->add_option("--log-origin", options->log_origin, "Name of its log; default: NAME.mpic.internal")
      ->type_name("ORIGIN");
  dev->add_option("--agent", options->agents, "A perspective's id; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->type_name("ID");
  dev->add_option("--client", options->clients, "A client's name; may be repeated")
      ->required()
      ->allow_extra_args(false)
      ->type_name("NAME");
  dev->add_option("--days", options->days, "Validity")->capture_default_str();
  dev->add_flag("--force", options->force, "Replace files that are already there");
  dev->callback([options] {
    const int status = run_keys_dev(*options);
    if (status != kKeysDevDone) throw CLI::RuntimeError(status);
  });
}

void add_keys_vkey(CLI::App& keys) {
  struct Options {
    std::string name;
    std::string file;
  };
  CLI::App* vkey = keys.add_subcommand("vkey", "Print the public half of a checkpoint key, for who verifies the log");
  const auto options = std::make_shared<Options>();
  vkey->add_option("FILE", options->file, "The Ed25519 key: PEM (PKCS#8, unencrypted)")->required()->type_name("");
  vkey->add_option("--name", options->name, "Name of the log: its log_origin")->required()->type_name("ORIGIN");
  vkey->callback([options] {
    const int status = run_keys_vkey(options->name, options->file, std::cout, std::cerr);
    if (status != kKeysDevDone) throw CLI::RuntimeError(status);
  });
}

}  // namespace mpic::cli
