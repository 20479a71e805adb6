#include "host/aws/credentials.h"

#include <gtest/gtest.h>

namespace aigw::host::aws {
namespace {

// "id secret token" of a file, or the failure.
std::string parse(Bytes file, Bytes profile = "default") {
  Result<Credentials> out = parse_credentials(file, profile);
  if (!out) return out.error().message;
  return out->access_key_id + " " + std::string(out->secret_access_key.reveal()) + " " +
         std::string(out->session_token.reveal());
}

TEST(AwsCredentialsTest, Profiles) {
  constexpr Bytes kFile =
      "[default]\n"
      "aws_access_key_id = AKIDDEFAULT\n"
      "aws_secret_access_key = sec/ret+1=\n"
      "\n"
      "[other]\n"
      "aws_access_key_id=AKIDOTHER\n"
      "aws_secret_access_key=two\n"
      "aws_session_token=tok==\n"
      "region=us-east-1\n";
  EXPECT_EQ(parse(kFile), "AKIDDEFAULT sec/ret+1= ");
  EXPECT_EQ(parse(kFile, "other"), "AKIDOTHER two tok==");
  EXPECT_EQ(parse(kFile, "third"), "AWS credentials: profile [third] is missing");
}

TEST(AwsCredentialsTest, WhiteSpaceCommentsAndCase) {
  EXPECT_EQ(parse("\xef\xbb\xbf; first\r\n"
                  "  [ default ]  # second\r\n"
                  "\tAWS_Access_Key_Id\t=\tAKID ; third\r\n"
                  "  aws_secret_access_key = a#b;c  # fourth\r\n"
                  "# aws_session_token = x\r\n"
                  "  aws_session_token = 'quoted'"),
            "AKID a#b;c quoted");
}

TEST(AwsCredentialsTest, TheLaterLineCounts) {
  EXPECT_EQ(parse("[default]\naws_access_key_id=a\naws_secret_access_key=b\n"
                  "[x]\naws_access_key_id=no\n"
                  "[default]\naws_access_key_id=c\n"),
            "c b ");
}

TEST(AwsCredentialsTest, OtherLinesArePassedOver) {
  EXPECT_EQ(parse("aws_access_key_id=before any profile\n"
                  "[default]\n"
                  "s3 =\n  addressing_style = path\n"
                  "nonsense\n"
                  "[half\n"
                  "aws_access_key_id=a\naws_secret_access_key=\"b\"\n"),
            "a b ");
}

TEST(AwsCredentialsTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(parse(""), "AWS credentials: profile [default] is missing");
  EXPECT_EQ(parse("aws_access_key_id=a\naws_secret_access_key=b"),
            "AWS credentials: profile [default] is missing");
  EXPECT_EQ(parse("[default]\naws_access_key_id = \naws_secret_access_key=b"),
            "AWS credentials: profile [default] has no aws_access_key_id");
  EXPECT_EQ(parse("[default]\naws_access_key_id=a"),
            "AWS credentials: profile [default] has no aws_secret_access_key");
}

TEST(AwsCredentialsTest, ValuesAreFitForHeadersAndStaySecret) {
  for (Bytes value : {"a\rb", "a\x01", "a b", "h\xc3\xa9", "\x7f"}) {
    std::string file = "[default]\naws_access_key_id=AKID\naws_secret_access_key=";
    EXPECT_EQ(parse(file + std::string(value)),
              "AWS credentials: profile [default] has characters that no header can carry in "
              "aws_secret_access_key");
  }
}

}  // namespace
}  // namespace aigw::host::aws
