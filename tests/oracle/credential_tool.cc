// Fetches one credential as the gateway does, for tests that compare it with the vendors' own libraries:
// everything comes from the environment, as it does for them.
//
//   credential_tool aws REGION | gcp | azure SCOPE
//
// Prints what was found: "token" and "expires" (unix seconds, 0 where the service does not say), or the three
// parts of an AWS key; or, with exit code 1, the failure.
#include <cstdio>
#include <string>

#include "base/system_clock.h"
#include "credential/aws.h"
#include "credential/azure.h"
#include "credential/gcp.h"
#include "host/aws/credentials.h"

namespace aigw {
namespace {

int fail(const Failure& failure) {
  std::fprintf(stderr, "%s\n", failure.message.c_str());
  return 1;
}

void print(const char* name, Bytes value) {
  std::printf("%s %.*s\n", name, static_cast<int>(value.size()), value.data());
}

Result<credential::Token> fetch(credential::TokenSource& source) {
  return source.fetch(net::HttpClient(net::system_ca_file(), nullptr), static_cast<int64_t>(system_unix_now()));
}

int print_aws(Bytes file, Bytes profile, int64_t expires_at) {
  const Result<host::aws::Credentials> keys = host::aws::parse_credentials(file, profile);
  if (!keys) return fail(keys.error());
  print("id", keys->access_key_id);
  print("secret", keys->secret_access_key.reveal());
  print("session", keys->session_token.reveal());
  std::printf("expires %lld\n", static_cast<long long>(expires_at));
  return 0;
}

int aws(const std::string& region) {
  Result<credential::AwsChoice> choice = credential::choose_aws(region, credential::process_environment);
  if (!choice) return fail(choice.error());
  if (choice->source != nullptr) {
    const Result<credential::Token> token = fetch(*choice->source);
    return token ? print_aws(token->value.reveal(), choice->profile, token->expires_at) : fail(token.error());
  }
  if (choice->file.empty()) return print_aws(choice->literal.reveal(), choice->profile, 0);
  const Result<Secret> file = credential::read_secret_file(choice->file);
  return file ? print_aws(file->reveal(), choice->profile, 0) : fail(file.error());
}

int token_of(credential::TokenSource& source) {
  const Result<credential::Token> token = fetch(source);
  if (!token) return fail(token.error());
  print("token", token->value.reveal());
  std::printf("expires %lld\n", static_cast<long long>(token->expires_at));
  return 0;
}

int run(const std::string& command, const std::string& argument) {
  if (command == "aws") return aws(argument);
  if (command == "gcp") return token_of(*credential::choose_gcp(credential::process_environment));
  if (command == "azure") return token_of(*credential::choose_azure(argument, credential::process_environment));
  std::fprintf(stderr, "credential_tool aws REGION | gcp | azure SCOPE\n");
  return 2;
}

}  // namespace
}  // namespace aigw

int main(int argc, char** argv) {
  return aigw::run(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
}
