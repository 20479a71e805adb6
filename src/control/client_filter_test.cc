#include "control/client_filter.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace aigw::control {
namespace {

using config::SecretSpec;

std::string content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(ClientFilter, KeysStandInTheResourceAndNotInTheFilter) {
  config::Clients clients;
  clients.keys = {{"alice", SecretSpec::of_literal("k-alice")},
                  {"bob", SecretSpec::of_literal("k-bob\n")}};
  const std::string filter = client_filter(clients, "/run/x").dump();
  EXPECT_EQ(filter.find("k-alice"), std::string::npos);
  EXPECT_NE(filter.find("/run/x/clients.json"), std::string::npos);
  const Result<std::string> resource = client_resource(clients);
  ASSERT_TRUE(resource);
  const Json json = Json::parse(*resource)["resources"][0]["typed_config"];
  EXPECT_EQ(json["credentials"].dump(),
            R"([{"key":"k-alice","client":"alice"},{"key":"k-bob","client":"bob"}])");
  EXPECT_EQ(json["forwarding"].dump(), R"({"header":"x-ai-eg-client","hide_credentials":true})");
}

TEST(ClientFilter, WhatIsWrongWithAKeyIsSaidWithoutIt) {
  config::Clients clients;
  clients.keys = {{"alice", SecretSpec::of_literal("s3cret")}, {"bob", SecretSpec::of_literal("s3cret")}};
  EXPECT_EQ(client_resource(clients).error().message, "client bob: has the same key as alice");
  clients.keys = {{"alice", SecretSpec::of_file("/nowhere/key")}};
  EXPECT_EQ(client_resource(clients).error().message, "client alice: the key file /nowhere/key cannot be read");
  ::unsetenv("AIGW_CLIENT_TEST");
  clients.keys = {{"alice", SecretSpec::of_env("AIGW_CLIENT_TEST")}};
  EXPECT_EQ(client_resource(clients).error().message,
            "client alice: the environment variable AIGW_CLIENT_TEST is not set");
  clients.keys = {{"alice", SecretSpec::of_literal(" \n")}};
  EXPECT_EQ(client_resource(clients).error().message, "client alice: the key is empty");
}

TEST(ClientFilter, AKeyBySdsIsThatOfTheFile) {
  config::Clients clients;
  clients.keys = {{"alice", SecretSpec::of_sds("key-of-alice")}, {"bob", SecretSpec::of_literal("k-bob")}};
  clients.sds_file = testing::TempDir() + "aigw-client-sds" + std::to_string(getpid());
  std::ofstream(clients.sds_file)
      << R"({"resources":[{"name":"key-of-alice","generic_secret":{"secret":{"inline_string":"k-alice\n"}}}]})";
  const Result<std::string> resource = client_resource(clients);
  ASSERT_TRUE(resource) << resource.error().message;
  EXPECT_EQ(Json::parse(*resource)["resources"][0]["typed_config"]["credentials"].dump(),
            R"([{"key":"k-alice","client":"alice"},{"key":"k-bob","client":"bob"}])");
  clients.keys[0].key.place = "another";
  EXPECT_EQ(client_resource(clients).error().message,
            "client alice: " + clients.sds_file + " has no generic secret another");
  std::remove(clients.sds_file.c_str());
}

TEST(ClientFilter, TokensAreOfOneIssuer) {
  config::Clients clients;
  clients.jwt = config::ClientJwt{"https://issuer", {"aud"}, "/jwks.json", "email"};
  const Json json = Json::parse(*client_resource(clients))["resources"][0]["typed_config"]["providers"]["clients"];
  EXPECT_EQ(json["issuer"], "https://issuer");
  EXPECT_EQ(json["audiences"][0], "aud");
  EXPECT_EQ(json["claim_to_headers"].dump(), R"([{"header_name":"x-ai-eg-client","claim_name":"email"}])");
}

TEST(ClientFilter, AKeyThatChangesIsWrittenAndOneThatIsGoneIsNot) {
  const std::string folder = testing::TempDir() + "aigw-client-filter" + std::to_string(getpid());
  const std::string key = folder + "-key";
  std::ofstream(key) << "first";
  config::Clients clients;
  clients.keys = {{"alice", SecretSpec::of_file(key)}};
  Result<RuntimeDirectory> directory = RuntimeDirectory::make(folder);
  ASSERT_TRUE(directory);
  Result<std::string> resource = client_resource(clients);
  ASSERT_TRUE(resource);
  ASSERT_TRUE(directory->replace(kClientsFile, *resource));
  const std::string file = directory->path() + "/" + kClientsFile;
  const ClientKeyWatcher watcher(clients, *directory, *resource);
  const auto shows = [&](const char* wanted) {
    for (int i = 0; i < 3000; ++i) {
      if (content(file).find(wanted) != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  };
  std::ofstream(key) << "second";
  EXPECT_TRUE(shows("second"));
  std::remove(key.c_str());
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  EXPECT_TRUE(shows("second"));
}

}  // namespace
}  // namespace aigw::control
