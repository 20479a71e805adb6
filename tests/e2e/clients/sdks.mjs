// The two SDKs as a program would use them: node sdks.mjs <openai|responses|anthropic> <url> <model>. Prints one line of
// JSON, what came of each step.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

const [dialect, url, model] = process.argv.slice(2);
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const cities = 'Weather in Oslo and Lima, in parallel';
const weather = { Oslo: 'snow', Lima: 'sun' };
const user = (content) => ({ role: 'user', content });

async function failure(call) {
  try {
    await call();
  } catch (error) {
    return { name: error.constructor.name, status: error.status, message: error.message };
  }
  return null;
}

async function chat() {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 });
  const ask = (messages, more = {}) => client.chat.completions.create({ model, messages, ...more });
  const whole = await ask([user('write 3 words')]);
  let streamed = '';
  for await (const chunk of await ask([user('write 50 words')], { stream: true })) {
    streamed += chunk.choices[0]?.delta?.content ?? '';
  }
  const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];
  const asked = (await ask([user(cities)], { tools })).choices[0].message;
  const results = asked.tool_calls.map((call) => ({
    role: 'tool', tool_call_id: call.id, content: weather[JSON.parse(call.function.arguments).city],
  }));
  const told = await ask([user(cities), asked, ...results], { tools });
  return {
    text: whole.choices[0].message.content, tokens: whole.usage.total_tokens, streamed,
    calls: asked.tool_calls.length, told: told.choices[0].message.content,
    failure: await failure(() => ask([user('error 429')])),
  };
}

async function responses() {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 });
  const ask = (input, more = {}) => client.responses.create({ model, input, store: false, ...more });
  const whole = await ask('write 3 words');
  let streamed = '';
  for await (const event of await ask('write 50 words', { stream: true })) {
    if (event.type === 'response.output_text.delta') streamed += event.delta;
  }
  const tools = [{ type: 'function', name: 'weather', parameters: schema, strict: false }];
  const asked = await ask([user(cities)], { tools });
  const calls = asked.output.filter((item) => item.type === 'function_call');
  const results = calls.map((call) => ({
    type: 'function_call_output', call_id: call.call_id, output: weather[JSON.parse(call.arguments).city],
  }));
  const told = await ask([user(cities), ...asked.output, ...results], { tools });
  return {
    text: whole.output_text, tokens: whole.usage.total_tokens, streamed, calls: calls.length, told: told.output_text,
    failure: await failure(() => ask('error 429')),
  };
}

async function messages() {
  const client = new Anthropic({ baseURL: `${url}/anthropic`, apiKey: 'unused', maxRetries: 0 });
  const ask = (said, more = {}) => client.messages.create({ model, max_tokens: 1000, messages: said, ...more });
  const text = (message) => message.content.filter((block) => block.type === 'text').map((b) => b.text).join('');
  const whole = await ask([user('write 3 words')]);
  const stream = client.messages.stream({ model, max_tokens: 1000, messages: [user('write 50 words')] });
  const streamed = text(await stream.finalMessage());
  const tools = [{ name: 'weather', input_schema: schema }];
  const asked = await ask([user(cities)], { tools });
  const calls = asked.content.filter((block) => block.type === 'tool_use');
  const results = calls.map((call) => ({
    type: 'tool_result', tool_use_id: call.id, content: weather[call.input.city],
  }));
  const told = await ask([user(cities), { role: 'assistant', content: asked.content }, user(results)], { tools });
  return {
    text: text(whole), tokens: whole.usage.input_tokens + whole.usage.output_tokens, streamed, calls: calls.length,
    told: text(told), failure: await failure(() => ask([user('error 429')])),
  };
}

console.log(JSON.stringify(await { openai: chat, responses, anthropic: messages }[dialect]()));
