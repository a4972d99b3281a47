import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const clockAndChance = [
  { object: 'Date', property: 'now', message: 'the instant is an argument' },
  { object: 'Math', property: 'random', message: 'rules are deterministic' },
];

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '**/*.cjs'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'literal unions instead of enums' },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'config.ts is the only reader of process.env',
        },
      ],
    },
  },
  { files: ['eslint.config.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    // Passing the environment on to a child is not reading a setting; tests set up what config.ts reads.
    files: ['config.ts', 'dev/child-env.ts', 'test/**', 'bench/**'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // vitest's matchers are `any`, and its stand-ins are taken apart on purpose.
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
    },
  },
  {
    files: ['rules/**', 'contracts/**'],
    rules: {
      'no-restricted-properties': ['error', ...clockAndChance],
      'no-restricted-imports': ['error', { patterns: ['node:*'] }],
    },
  },
);
