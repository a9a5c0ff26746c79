import { useState } from 'react';
import { CodeForm } from './code-form.tsx';
import { PasswordForm } from './password-form.tsx';

/** Who are you? Shown at whatever address was asked for, which appears afterwards. */
export default function SignInPage() {
  const [step, setStep] = useState<'password' | 'code'>('password');
  return step === 'password' ? (
    <PasswordForm onCodeAsked={() => setStep('code')} />
  ) : (
    <CodeForm onBack={() => setStep('password')} />
  );
}
